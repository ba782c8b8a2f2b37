"""What the program costs: medians and ratios measured in one run on this machine."""
