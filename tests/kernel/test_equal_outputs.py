"""A warm kernel gives what a freshly started one gives, output by output."""

from __future__ import annotations

import json
import re

import pytest

from tests.kernel.session import Session

CELLS = {
    "plain_figure": "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('Referrals')",
    "figure_of_pandas": "import pandas as pd\npd.DataFrame({'n': [1, 4, 2]}).plot.bar()",
    "two_figures_shown": "for n in (1, 2):\n    plt.figure()\n    plt.plot([n, 2])\n    plt.show()",
    "figure_kept_back": "figure = plt.figure()\nplt.close(figure)",
    "svg_figures": "%config InlineBackend.figure_formats = ['retina']\n_ = plt.plot([1, 2])",
    "table": "pd.DataFrame({'authority': ['a', 'b'], 'rate': [1.5, 2.25]})",
    "hidden_result": "1 + 1;",
    "both_streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    "low_level_stream": "import os\n_ = os.write(1, b'from below\\n')\nimport time; time.sleep(0.3)",
    "exception": "def f(x):\n    return 1 / x\n\nf(0)",
    "syntax_error": "for",
    "exit_code": "raise SystemExit(3)",
    "input": "input('name? ')",
    "warning": "import warnings\nwarnings.warn('be careful', UserWarning)",
    "shell": "!echo from the shell",
    "cell_magic": "%%bash\necho from bash; echo wrong >&2",
    "captured": "%%capture kept\nprint('not seen')",
    "line_magic": "%pwd",
    "await": "import asyncio\nawait asyncio.sleep(0, 'waited')",
    "threads": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(3) as pool:\n"
    "    print(list(pool.map(lambda n: n * n, range(5))))",
    "subprocess": "import subprocess, sys\n"
    "print(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True).stdout)",
    "fork": "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(1) as pool:\n"
    "    print(pool.map(len, ['ab', 'c']))",
    "matrix_product": "import numpy as np\nx = np.linspace(0, 1, 40_000).reshape(200, 200)\nfloat((x @ x).trace())",
    "display": "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'), metadata={'a': 1})\n'last'",
    "history": "print(In[-2])",
}

SURROUNDINGS = """
import json, locale, logging, os, signal, sys, threading, warnings
import matplotlib, numpy
print(json.dumps({
    "arguments": sys.argv[:2],
    "path": sys.path,
    "folder": os.getcwd(),
    "main": [__name__, sys.modules["__main__"].__dict__ is globals()],
    "environment": {k: v for k, v in os.environ.items() if k not in ("JPY_PARENT_PID", "_")},
    "own_session": os.getsid(0) == os.getpid(),
    "signals": {s.name: str(signal.getsignal(s)) for s in sorted(signal.valid_signals()) if hasattr(s, "name")},
    "threads": sorted(type(t).__name__ for t in threading.enumerate()),
    "logging": [logging.root.level, len(logging.root.handlers)],
    "settings": {k: str(v) for k, v in matplotlib.rcParams.items()},
    "original_settings": {k: str(v) for k, v in matplotlib.rcParamsOrig.items() if k != "backend"},
    "interactive": matplotlib.is_interactive(),
    "options": [sys.flags.safe_path, sys.flags.optimize, sys.dont_write_bytecode, sys.getrecursionlimit()],
    "locale": locale.setlocale(locale.LC_ALL),
    "errors": str(numpy.geterr()),
    "input": sys.__stdin__.read(),
    "kinds": sorted(os.readlink(f"/proc/self/fd/{n}").split(":")[0] for n in (1, 2)),
}))
"""


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_gives_the_same_outputs(name: str, warm_kernel: Session, usual_kernel: Session) -> None:
    expected, found = (
        # The name of a cell's file holds the number of its process.
        re.sub(r"ipykernel_\d+", "ipykernel", json.dumps(kernel.run(CELLS[name])))
        for kernel in (usual_kernel, warm_kernel)
    )
    assert found == expected
    assert expected != "[]" or name in {"figure_kept_back", "hidden_result", "captured"}


def test_figures_of_plain_pyplot_are_shown(warm_kernel: Session) -> None:
    outputs = warm_kernel.run("import matplotlib.pyplot\n_ = matplotlib.pyplot.plot([2, 1])")
    assert [output["type"] for output in outputs] == ["display_data"]
    assert "image/png" in outputs[0]["data"]


def test_a_kernel_finds_the_same_surroundings(warm_kernel: Session, usual_kernel: Session) -> None:
    expected, found = (json.loads(kernel.said(SURROUNDINGS)) for kernel in (usual_kernel, warm_kernel))
    # What is loaded already has set variables of its own, as it would in any kernel that imports it.
    extra = set(found["environment"]) - set(expected["environment"])
    assert extra <= {"KMP_INIT_AT_FORK"}
    for name in extra:
        del found["environment"][name]
    assert {key: found[key] for key in found if found[key] != expected[key]} == {}


def test_models_can_be_fitted_after_the_fork(warm_kernel: Session) -> None:
    warm_kernel.run(
        "import numpy as np, pandas as pd\n"
        "rows = pd.DataFrame({'y': np.arange(40) % 7.0, 'x': np.arange(40) % 5.0, 'g': np.arange(40) // 8})"
    )
    with_statsmodels = (
        "import statsmodels.formula.api as smf\nprint(round(smf.ols('y ~ x', rows).fit().params['x'], 6))"
    )
    with_pyfixest = "import pyfixest\nprint(round(pyfixest.feols('y ~ x', rows).coef()['x'], 6))"
    assert warm_kernel.said(with_statsmodels) == warm_kernel.said(with_pyfixest)
    assert "g" in str(warm_kernel.run("pyfixest.feols('y ~ x | g', rows, vcov={'CRV1': 'g'}).summary()"))
