"""Each figure of the product beside the limit of raw SQL, measured in the same run on the same data.

    make bench                          # 250 000 claims, 1 000 000 payments
    make bench ARGS="--claims 10000"    # a quick look

Absolute figures drift from machine to machine and from run to run; the ratios are what counts. Nothing is asserted.
"""
