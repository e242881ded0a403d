"""List built-ins and sort (DMN 1.5, 10.3.4.4 and 10.3.4.6)."""


def test_membership_and_size(case):
    """
    list contains([1, 2, null], 2) => true
    list contains([1, 2, null], null) => true
    list contains([1, 2], "a") => false
    list contains([[1]], [1]) => true
    count([1, [2, 3]]) => 2
    count([]) => 0
    count(1) => 1
    count(null) => null
    index of([1, 2, 1], 1) => [1, 3]
    index of([1], 2) => []
    """
    case.check()


def test_aggregates(case):
    """
    min([2, 1, 3]) => 1
    max(2, 1, 3) => 3
    min("b", "a") => "a"
    max([@"2026-01-05", @"2025-01-05"]) => @"2026-01-05"
    max([@"P1D", @"PT25H"]) => @"PT25H"
    min([]) => null
    min([1, null]) => null
    min([1, "a"]) => fault
    sum([1, 2]) => 3
    sum(1, 2, 3) => 6
    sum([]) => null
    sum([1, null]) => null
    sum([1, "a"]) => fault
    sum([true, 1]) => fault
    sum([@"P1D", @"PT1H"]) => @"P1DT1H"
    mean([1, 2, 3, 4]) => 2.5
    mean([@"P1D", @"P3D"]) => @"P2D"
    product([2, 3, 4]) => 24
    median([8, 2, 5, 3, 4]) => 4
    median(6, 1, 2, 3) => 2.5
    median([]) => null
    decimal(stddev(2, 4, 7, 5), 6) => 2.081666
    stddev([47]) => null
    mode(6, 3, 9, 6, 6) => [6]
    mode([6, 1, 9, 6, 1]) => [1, 6]
    mode([]) => []
    """
    case.check()


def test_all_and_any(case):
    """
    all([true, false]) => false
    all([true, null]) => null
    all([false, null, true]) => false
    all([]) => true
    all(true) => true
    all([true, 1]) => fault
    any([false, true]) => true
    any([false, null]) => null
    any([]) => false
    any(null) => null
    """
    case.check()


def test_changing(case):
    """
    append([1], 2, [3]) => [1, 2, [3]]
    append([], null) => [null]
    concatenate([1, 2], [3]) => [1, 2, 3]
    concatenate([1, 2]) => [1, 2]
    insert before([1, 3], 1, 2) => [2, 1, 3]
    insert before([1, 3], -1, 2) => [1, 2, 3]
    insert before([1], 3, 2) => fault
    remove([1, 2, 3], 2) => [1, 3]
    remove([1, 2, 3], -1) => [1, 2]
    remove([1], 0) => fault
    list replace([2, 4, 7], 3, 6) => [2, 4, 6]
    list replace([2, 4, 7], function(item, newItem) item < newItem, 5) => [5, 5, 7]
    list replace(list: [1], match: function(item, newItem) true, newItem: 2) => [2]
    reverse([1, 2]) => [2, 1]
    sublist([4, 5, 6], 1, 2) => [4, 5]
    sublist([4, 5, 6], 2) => [5, 6]
    sublist([4, 5, 6], -2, 1) => [5]
    sublist([4, 5, 6], 3, 2) => fault
    union([1, 2], [2, 3]) => [1, 2, 3]
    distinct values([1, "a", 1, null, 1.0]) => [1, "a", null]
    duplicate values([1, 2, 1, 1]) => [1]
    flatten([[1, [2]], [[3]], 4]) => [1, 2, 3, 4]
    flatten(1) => [1]
    """
    case.check()


def test_sorting(case):
    """
    sort([3, 1, 2], function(x, y) x < y) => [1, 2, 3]
    sort([3, 1, 2], function(x, y) x > y) => [3, 2, 1]
    sort([{k: 2, n: 1}, {k: 1, n: 2}, {k: 2, n: 3}], function(a, b) a.k < b.k).n => [2, 1, 3]
    sort([]) => []
    sort(["b", "a"]) => ["a", "b"]
    sort([1, "a"]) => fault
    sort([1, "a"], function(x, y) x < y) => fault
    """
    case.check()
