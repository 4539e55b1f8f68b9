"""``costmodel pareto``"""
def run() -> None:
    """x"""
