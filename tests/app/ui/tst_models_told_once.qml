import QtQuick
import QtTest
import Sotto.App

// Models, the engine and graphics cards.
ToldOnceTestCase {
    name: "ModelsToldOnce"

    readonly property var broken: ({
            path: "/m/broken.gguf",
            name: "Broken",
            problem: "“broken.gguf” is cut off: 10 of 20 bytes are there. Get it again."
        })
    readonly property var large: ({
            path: "/m/large.gguf",
            name: "Large",
            shortage: "Not enough memory: 80 GiB needed, 8 GiB free. Choose a smaller model or a shorter context."
        })

    situations: ({
            "card lost": {
                seen: "The device reported an error",
                act: () => {
                    talk();
                    writeAnAnswer();
                    program.loseCard();
                    tryCompare(app.models, "state", ModelController.NoModel);
                    tryVerify(() => isSeen("The answer broke off"));
                    openPicker();
                }
            },
            "no engine": {
                begin: {
                    engineProblem: "deviceFailed",
                    hasModel: false
                },
                seen: "engine could not be started",
                act: () => openPicker()
            },
            "no engine at the first start": {
                begin: {
                    engineProblem: "deviceFailed",
                    hasModel: false,
                    isFirstRun: true
                },
                seen: "engine could not be started",
                act: () => {}
            },
            "no model": {
                begin: {
                    hasModel: false
                },
                seen: "Choose a model to begin",
                act: () => openPicker()
            },
            "no model at the first start": {
                begin: {
                    hasModel: false,
                    isFirstRun: true
                },
                seen: "Choose a model to begin",
                act: () => {}
            },
            "no model, with a question unanswered": {
                begin: {
                    hasModel: false
                },
                seen: "Choose a model to begin",
                act: () => {
                    program.talk([
                        {
                            isUser: true,
                            text: "Question"
                        }
                    ]);
                    tryVerify(() => isSeen("There is no answer"));
                }
            },
            "broken model in the list": {
                seen: "broken.gguf",
                act: () => {
                    program.setModels([broken, large]);
                    openPicker();
                    tryVerify(() => isSeen(broken.problem));
                }
            },
            "broken model asked for": {
                seen: "broken.gguf",
                act: () => {
                    program.setModels([broken, large]);
                    openPicker();
                    tryVerify(() => isSeen(broken.problem));
                    compare(app.models.choose(broken.path), false);
                    compare(app.models.choose(large.path), false);
                }
            },
            "broken model at the start": {
                begin: {
                    hasModel: false
                },
                seen: "broken.gguf",
                act: () => {
                    program.setModels([broken]);
                    program.failLoads(broken.problem);
                    app.models.load(broken.path);
                    tryCompare(app.models, "state", ModelController.Failed);
                    openPicker();
                    tryVerify(() => isSeen(broken.problem));
                }
            },
            "broken model at the start, another looked for": {
                begin: {
                    hasModel: false
                },
                seen: "is cut off",
                act: () => {
                    program.setModels([broken]);
                    program.failLoads(broken.problem);
                    app.models.load(broken.path);
                    tryCompare(app.models, "state", ModelController.Failed);
                    openPicker();
                    tryVerify(() => isSeen(broken.problem));
                    allItems(window.contentItem.parent, item => item.placeholderText === "Find a model", [])[0].text = "else";
                    tryVerify(() => isSeen("No model found"));
                }
            },
            "too large model at the start": {
                begin: {
                    hasModel: false
                },
                seen: "Not enough memory",
                act: () => {
                    program.setModels([large]);
                    program.failLoads(large.shortage);
                    app.models.load(large.path);
                    tryCompare(app.models, "state", ModelController.Failed);
                    openPicker();
                    tryVerify(() => isSeen(large.shortage));
                }
            },
            "model broken since it was listed": {
                seen: "could not be loaded, so the model before it",
                act: () => {
                    program.setModels([
                        {
                            path: "/m/other.gguf",
                            name: "Other"
                        }
                    ]);
                    openPicker();
                    tryVerify(() => isSeen("Other"));
                    program.failLoads(broken.problem, "/m/other.gguf");
                    app.models.load("/m/other.gguf");
                    tryVerify(() => isSeen("could not be loaded, so the model before it"));
                    program.setModels([
                        {
                            path: "/m/other.gguf",
                            name: "Other",
                            problem: broken.problem
                        }
                    ]);
                    app.models.refresh();
                    program.settle();
                }
            },
            "card that cannot be used": {
                begin: {
                    card: {
                        name: "GeForce",
                        problem: "Its driver is 470, 580 is needed. Install a newer one."
                    }
                },
                seen: "Its driver is 470",
                act: () => openPicker()
            },
            "card that cannot be used, settings": {
                begin: {
                    card: {
                        name: "GeForce",
                        problem: "Its driver is 470, 580 is needed. Install a newer one."
                    }
                },
                seen: "Its driver is 470",
                act: () => showSettings("Engine")
            },
            "card that cannot be used, first start": {
                begin: {
                    card: {
                        name: "GeForce",
                        problem: "Its driver is 470, 580 is needed. Install a newer one."
                    },
                    isFirstRun: true
                },
                seen: "Its driver is 470",
                act: () => {}
            },
            "model partly on the card": {
                begin: {
                    card: {
                        name: "GeForce"
                    }
                },
                seen: "layers are on the graphics card",
                act: () => {
                    const model = {
                        path: "/m/part.gguf",
                        name: "Part",
                        layerCount: 32,
                        cardLayers: 20,
                        memoryBytes: 2e9,
                        cardBytes: 1e9
                    };
                    program.setModels([model]);
                    program.load(model);
                    openPicker();
                    tryVerify(() => isSeen("Part"));
                }
            }
        })
}
