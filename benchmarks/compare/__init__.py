"""Two versions of the product measured in turn, A B B A, in one run.

    make bench-compare BASE=4cdeec6                # beside the commit checked out here
    make bench-compare BASE=4cdeec6 MAX=1.05       # exit 1 where a median is more than 5 % worse
    make bench-compare BASE=main HEAD=faster ARGS="--claims 10000 --rounds 20"

Shared cores drift by tens of per cent within an hour, so figures of two runs cannot be compared. Here each page is
asked of the one version and at once of the other, over HTTP, of gunicorn. Versions differ in modules and tables, so
each is checked out into a folder of its own, fills a database of its own by its own `benchmarks.data`, and is measured
through what stays the same: addresses, the API and commands. Both run on the packages installed here.
"""
