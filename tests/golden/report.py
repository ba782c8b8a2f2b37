"""Print how the worked cases come out: `python tests/golden/report.py [LAWBOOK] [FILTER]`."""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from compare import answer, cases, mismatches

from advalorem.law.load import load_lawbook


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] != "-" else None
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    law, tally = load_lawbook(folder), Counter()
    for case in cases():
        if wanted not in case["case_id"] or case["use"] != "golden":
            continue
        try:
            found = mismatches(case, answer(case, law))
        except (ValueError, LookupError, FileNotFoundError) as error:
            found = [f"{type(error).__name__}: {error}"]
        tally[case["programme"], "ok" if not found else "FAIL"] += 1
        if found:
            print(case["case_id"], case["origin"], case["hts"], case["entry_date"], case["title"])
            print("    " + "\n    ".join(found))
    for key in sorted(tally):
        print(*key, tally[key])


if __name__ == "__main__":
    main()
