def noop():
    return None
def add(a, b=1):
    print("adding", a, b)
    return a + b
