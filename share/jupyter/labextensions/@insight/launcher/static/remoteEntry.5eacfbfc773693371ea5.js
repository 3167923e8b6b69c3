// A launcher card and a command for JupyterLab: opens notebooks/chooser.ipynb and runs it.
// Written by hand in the form that JupyterLab loads (a container with init and get); there is nothing to build.
(function () {
  "use strict";
  const COMMAND = "insight:choose";
  const LABEL = "insight: choose an authority and a question";
  const CATEGORY = "insight";
  const NOTEBOOK = "chooser.ipynb";
  const PICTURE =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true">' +
    '<path class="jp-icon3" fill="#616161" d="M4 19h16v2H4zM5 11h3v7H5zM10.5 7h3v11h-3zM16 3h3v15h-3z"/></svg>';
  let shared;

  // A module that JupyterLab itself carries; each is there once.
  async function carried(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  // The chooser as the server sees it: at its root, as `make lab` starts it, or in the project's folder.
  async function find(contents) {
    const root = await contents.get("");
    const named = root.content.map((each) => each.name);
    if (named.includes(NOTEBOOK)) {
      return NOTEBOOK;
    }
    if (named.includes("notebooks")) {
      const below = await contents.get("notebooks");
      const found = below.content.find((each) => each.name === NOTEBOOK);
      return found && found.path;
    }
    return undefined;
  }

  async function open(app, showErrorMessage) {
    const path = await find(app.serviceManager.contents);
    if (!path) {
      await showErrorMessage(
        "The chooser is not here",
        "This JupyterLab was started in a folder without notebooks/chooser.ipynb. Start it in the project's folder: make lab"
      );
      return;
    }
    const panel = await app.commands.execute("docmanager:open", { path, factory: "Notebook" });
    await panel.context.ready;
    await panel.sessionContext.ready;
    // What somebody has chosen already stays.
    if (!panel.content.widgets.some((cell) => cell.model.executionCount)) {
      await app.commands.execute("notebook:run-all-cells");
    }
  }

  async function extension() {
    const [{ ILauncher }, { ICommandPalette, showErrorMessage }, { LabIcon }] = await Promise.all(
      ["@jupyterlab/launcher", "@jupyterlab/apputils", "@jupyterlab/ui-components"].map(carried)
    );
    const plugin = {
      id: "@insight/launcher:plugin",
      description: "Opens the chooser of insight.",
      autoStart: true,
      optional: [ILauncher, ICommandPalette],
      activate: (app, launcher, palette) => {
        app.commands.addCommand(COMMAND, {
          label: LABEL,
          caption: "Opens the chooser and starts it; every control works by keyboard",
          icon: new LabIcon({ name: "insight:chooser", svgstr: PICTURE }),
          execute: () => open(app, showErrorMessage),
        });
        if (launcher) {
          launcher.add({ command: COMMAND, category: CATEGORY, rank: 0 });
        }
        if (palette) {
          palette.addItem({ command: COMMAND, category: CATEGORY });
        }
      },
    };
    return () => ({ __esModule: true, default: plugin });
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["@insight/launcher"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async (name) => {
      if (name !== "./extension") {
        throw new Error(`@insight/launcher has no ${name}`);
      }
      return extension();
    },
  };
})();
