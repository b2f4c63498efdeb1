"""Which figures of two versions `make bench-compare` calls worse."""

from benchmarks.compare.report import Figure, Sample, find_worse, table


def figure(name, base, head, cpu=(0.0, 0.0)):
    return Figure(name, [Sample(seconds, cpu[0]) for seconds in base], [Sample(seconds, cpu[1]) for seconds in head])


def names(figures):
    return [figure.name for figure in figures]


def test_the_ratio_is_of_pairs_so_that_a_slow_hour_counts_for_neither():
    quick_then_slow = figure("page", [0.010] * 10 + [0.050] * 10, [0.011] * 10 + [0.055] * 10)
    assert round(quick_then_slow.time.middle, 3) == 1.1


def test_the_interval_leaves_out_what_happens_once():
    twenty = figure("page", [0.010] * 20, [0.010] * 19 + [0.100])
    assert (twenty.time.low, twenty.time.high) == (1.0, 1.0)


def test_worse_is_what_is_so_by_its_whole_interval():
    slower = figure("slower", [0.010] * 20, [0.011] * 20)
    noisy = figure("noisy", [0.010] * 20, [0.009] * 9 + [0.012] * 11)
    same = figure("same", [0.010] * 20, [0.010] * 20)
    worse, unsure = find_worse([slower, noisy, same], 1.05)
    assert (names(worse), names(unsure)) == (["slower"], ["noisy"])


def test_more_work_of_processors_is_worse_too():
    busier = figure("busier", [0.010] * 20, [0.010] * 20, cpu=(0.005, 0.006))
    assert names(find_worse([busier], 1.05)[0]) == ["busier"]


def test_what_is_worse_by_less_than_is_allowed_is_not():
    assert find_worse([figure("page", [0.010] * 20, [0.0104] * 20)], 1.05) == ([], [])


def test_the_table_has_the_queries_of_both():
    counted = Figure("settle", [Sample(0.010)], [Sample(0.011)], 16, 15)
    assert list(table([counted], "4cdeec6", "main"))[1].split() == [
        *("settle", "10.0", "ms", "11.0", "ms", "1.100", "(1.10-1.10)", "16", "15")
    ]
