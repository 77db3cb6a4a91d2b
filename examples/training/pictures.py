"""Curves in a file."""

from pathlib import Path


def curves(path, title, x, y, lines, *, log=False):
    """Save curves.

    Parameters
    ----------
    path : Path
        A folder that does not exist is made. Nothing is drawn if it is None.
    title, x, y : str
        What stands over it and at its axes.
    lines : dict of str to sequence
        Heights by name; a pair of sequences has places of its own.
    log : bool
        Whether the heights are on a logarithmic scale.
    """
    if path is None:
        return
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for name, line in lines.items():
        places, heights = line if isinstance(line, tuple) else (range(1, len(line) + 1), line)
        axes.plot(places, heights, label=name, linewidth=1.4)
    axes.set(title=title, xlabel=x, ylabel=y, yscale="log" if log else "linear")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize="small")
    figure.savefig(path, dpi=120)
    plt.close(figure)
    print(f"drawn: {path}")
