import QtQuick
import Sotto.App
import Sotto.Shell
import Sotto.Tests

// The whole window, for sotto_gallery: show is chat, models, settings, list, firstRun, noChats,
// find, inspector, toast, bin (read only, a chat of it on screen), fullDisk or closing (with text that is not on the disk),
// picker. Of the Models page also discover (a search with its files open), card (a model's), duplicates, searching, failed, offline, quantize (with
// target, planned, quantized, made, method and published: see openQuantize) and
// load (the parameters of a load; needs models). With hasCard this computer has a graphics card, which is too small for what
// is loaded in loadOver. Of the Compare page comparing (before a run), compare (one that is written), compared (one that
// has ended), forced (with the places where the last one would have gone another way) and compareEmpty.
Item {
    id: root

    property string theme: "dark"
    property string language: "en"
    property string show: "chat"
    property bool hasModel: true // the built-in one is installed
    property int models: 0 // files in the library, of every kind
    property bool hasPlaces: false // models of other programs
    property bool hasCard: false
    property string source // of quantize
    property Main window: null // what sotto_gallery draws

    readonly property bool isCompare: show.startsWith("compar") || show === "forced"
    readonly property bool isQuantize: show.startsWith("quantize") || show === "target" || show === "planned" || show === "made" || show === "method" || show.startsWith("published")
    readonly property bool isModels: isQuantize || ["models", "discover", "card", "duplicates", "searching", "failed", "offline", "quantize", "load", "loadOver"].includes(show)

    function find(item: QtObject, name: string): QtObject {
        if (item.objectName === name && item.visible)
            return item;
        for (const child of Array.from(item.contentItem?.children ?? item.children ?? [])) {
            const found = find(child, name);
            if (found !== null)
                return found;
        }
        return null;
    }

    // In its column, which is behind a tab in a narrow window.
    // target: one is being planned; planned: of a small model, it is; quantized: one is made; made: without the dialog;
    // method: gptq is chosen;
    // published: importance matrices on a hub, publishedIdle before it is asked and publishedNone where there are none.
    function openQuantize(): void {
        find(window, "modelTabs")?.activated(true);
        if (show === "made")
            program.facade.quantize.open(source);
        else
            find(window, "installedColumn")?.openQuantize(source);
        if (show.startsWith("published"))
            asker.start();
        else if (show === "target")
            program.facade.quantize.budget.plan();
        else if (show !== "quantize")
            maker.start();
    }

    HubScene {
        id: scene
    }
    TestApp {
        id: program
        isFirstRun: root.show === "firstRun"
        hasHub: root.isModels
        hasText: root.isQuantize
        downloads: root.show === "discover" ? scene.downloads : []
        hasModel: root.hasModel
        readBandwidth: root.isCompare ? 1008 : 30
        card: root.hasCard ? {
            name: "NVIDIA GeForce RTX 4090",
            specGbS: 1008
        } : {}

        function fill(): void {
            const household = addFolder("Household");
            addFolder("Work", true);
            for (const title of ["Four days in Bologna", "润色给房东的邮件", "Why the dough stays sticky"])
                addChat({
                    title: title
                });
            for (const title of ["Letter to the landlord", "Bank export by month"])
                addChat({
                    title: title,
                    folderId: household
                });
            addChat({
                title: "Tax letter, in plain words",
                isPinned: true
            });
            refresh();
            talk(longConversation(6));
        }
        function showBin(): void {
            const boat = addChat({
                title: "Names for the boat",
                folderId: facade.chats.folders[0].folderId
            }, [
                {
                    isUser: true,
                    text: "Twelve names for a small wooden sailing boat. Short, no puns, easy to say on the radio."
                },
                {
                    text: "Kept to two syllables and clear consonants, since the radio eats the rest:\n\nAlder, Bittern, Curlew, Dunlin, Ember, Fennel, Garnet, Harrier, Linnet, Merlin, Petrel, Tamar.\n\n**Curlew** and **Petrel** are common on the coast, so ask the harbour first.",
                    tokensPerSecond: 175,
                    ttftMs: 24,
                    tokenCount: 96
                }
            ]);
            const test = addChat({
                title: "Test, please ignore"
            });
            refresh();
            facade.chats.remove(test);
            facade.chats.remove(boat);
            settle();
            if (root.window.width >= 1120)
                root.find(root.window, "binEntry").clicked();
            facade.bin.open(boat);
            settle();
            root.find(root.window, "toast").hide();
        }
        function fillModels(): void {
            const kinds = [{
                    name: "Qwen3 14B Instruct",
                    quantization: "Q4_K_M"
                }, {
                    name: "Qwen3 14B Instruct",
                    quantization: "Q8_0",
                    shortage: "This model needs 14.8 GiB of memory, 12.1 GiB are free. Close other programs, or choose a smaller one."
                }, {
                    name: "Qwen3 14B Instruct",
                    quantization: "Q4_K_M"
                }, {
                    name: "Mistral Small 24B",
                    quantization: "Q5_K_M",
                    isShortened: true
                }, {
                    name: "Gemma 3",
                    problem: "The file gemma-3.gguf is cut off: it has 1.2 of 4.1 GB. Download it again."
                }];
            const list = [];
            for (let index = 0; index < root.models; ++index)
                list.push(Object.assign({
                    path: "/home/me/models/" + (index % 3 === 0 ? "archive/" : "") + "model-" + index + ".gguf",
                    memoryBytes: 9.1e9,
                    kvBytes: 1.3e9,
                    scratchBytes: 2.1e8,
                    layerCount: 40,
                    cardBytes: root.hasCard ? 8e9 : 0,
                    cardKvBytes: root.hasCard ? 1.1e9 : 0,
                    cardLayers: root.hasCard ? 36 : 0,
                    cardBytesPerToken: root.hasCard ? 7.5e9 : 0,
                    fileBytes: 9.0e9,
                    bytesPerToken: 8.4e9,
                    contextTokens: 32768
                }, kinds[index % kinds.length]));
            if (root.show === "loadOver")
                list.push({
                    path: "/home/me/models/large.gguf",
                    name: "Llama 3.3 70B Instruct",
                    quantization: "Q2_K",
                    memoryBytes: root.hasCard ? 2.25e10 : 3.25e10,
                    kvBytes: 2.7e9,
                    scratchBytes: 6e8,
                    cardBytes: root.hasCard ? 2.25e10 : 0,
                    cardKvBytes: root.hasCard ? 2.7e9 : 0,
                    layerCount: 80,
                    cardLayers: root.hasCard ? 80 : 0,
                    bytesPerToken: 2.2e10,
                    cardBytesPerToken: root.hasCard ? 2.2e10 : 0,
                    contextTokens: 8192,
                    [root.hasCard ? "cardShortage" : "shortage"]: "The model needs more than is free. Choose a smaller quantization or a smaller model."
                });
            setModels(list);
            facade.models.refresh();
            settle();
        }
        function fillTwins(): void {
            const names = ["archive/qwen3-8b-q8_0.gguf", "models/Qwen3-8B-Q8_0.gguf", "models/gemma-3-4b-it.gguf", "old/gemma-3-4b-it (1).gguf"];
            setModels(names.map((name, index) => ({
                        path: putFile(name, index < 2 ? 871000 : 330000),
                        name: index < 2 ? "Qwen3 8B" : "Gemma 3 4B",
                        quantization: index < 2 ? "Q8_0" : "Q4_0",
                        fileBytes: index < 2 ? 871000 : 330000
                    })));
            facade.models.refresh();
            settle();
        }
        function fillQuantize(): void {
            root.source = putModel("models/qwen3-8b-f16.gguf", root.show === "quantize" || root.show === "target" || root.show === "method" || root.show.startsWith("published"));
            putFile("models/qwen3-8b.imatrix.gguf", 5000);
            setModels([{
                    path: root.source,
                    name: "Qwen3 8B",
                    quantization: "F16",
                    fileBytes: 16.39e9
                }, {
                    path: putFile("models/qwen3-8b-q4_k_m.gguf", 5000),
                    name: "Qwen3 8B",
                    quantization: "Q4_K_M",
                    fileBytes: 5.03e9
                }]);
            facade.models.refresh();
            settle();
        }
        function addPlaces(): void {
            const places = [];
            for (const program of ["LM Studio", "Ollama", "Hugging Face"]) {
                for (let index = 0; index <= places.length; ++index)
                    putFile(program + "/model-" + index + ".gguf", 3000000);
                places.push({
                    program: program,
                    folder: facade.dataFolder + "/" + program
                });
            }
            setPlaces(places);
        }
        // A reference and two types of it; of compare the last one is still being written.
        function fillCompare(): void {
            const types = [["F16", 8.05e9, 8.98e9], ["Q8_0", 4.28e9, 5.21e9], ["Q4_K_M", 2.5e9, 3.43e9]];
            setModels(types.map(type => ({
                        path: "/Qwen3-4B-" + type[0] + ".gguf",
                        name: "Qwen3 4B",
                        quantization: type[0],
                        fileBytes: type[1],
                        memoryBytes: type[2],
                        layerCount: 36,
                        cardLayers: root.hasCard ? 36 : 0
                    })));
            facade.models.refresh();
            settle();
            const compare = facade.compare;
            compare.setModel(0, "/Qwen3-4B-F16.gguf");
            compare.setModel(1, "/Qwen3-4B-Q8_0.gguf");
            compare.addModel("/Qwen3-4B-Q4_K_M.gguf");
            compare.prompt = "Why is the sky blue, and why is the sunset red? Answer in one short paragraph, then give the formula.";
            if (root.show === "comparing")
                return;
            const common = "Sunlight holds every colour. Air molecules are far smaller than the ";
            const more = "waves of light, and they scatter short waves much more strongly than long ones, so blue light reaches us from every part of the sky. At sunset the light crosses about thirty times more air, most of the blue is scattered ";
            const law = "\n\nThe scattered intensity follows Rayleigh’s law:\n\nI ∝ 1 / λ⁴";
            const answers = [common + more + "away on the path, and the red that is left reaches your eyes." + law, common + more + "out along the way, and what is left looks red." + law, common + "wavelength of visible light, so they scatter blue light, which has a short wavelength, far more than red. Blue therefore comes from all directions and the sky looks blue."];
            compare.run();
            for (let column = 0; column < 3; ++column) {
                awaitColumn(column);
                writeWords(answers[column], [0.46, 0.45, 0.51][column]);
                if (root.show === "compare" && column === 2)
                    return settle();
                finish({
                    tokensPerSecond: [105, 184, 270][column],
                    ttftMs: 48,
                    tokens: 91,
                    bytesPerStep: [8.06e9, 4.3e9, 2.53e9][column],
                    tpotMeanMs: [9.52, 5.43, 3.7][column],
                    mbu: [0.84, 0.79, 0.68][column]
                });
            }
            awaitColumn(3);
            if (root.show === "forced")
                tellForced(2, 76, [[11, 0.48, " wavelength", 0.51], [30, 0.61, " the", 0.44], [52, 0.46, " out", 0.45]].map(row => ({
                            index: row[0],
                            referenceProbability: row[1],
                            text: row[2],
                            probability: row[3]
                        })));
        }
        function fillDisk(): void {
            facade.chat.send("Subtract refunds, and keep the three largest per month.");
            settle();
            failWrites();
            write("Two lines change. ".repeat(700));
            settle();
        }
        Component.onCompleted: {
            facade.settings.theme = root.theme === "light" ? SettingsController.Light : SettingsController.Dark;
            facade.settings.language = root.language;
            if (root.show !== "noChats" && root.show !== "firstRun")
                fill();
            if (root.models > 0)
                fillModels();
            if (root.show === "duplicates")
                fillTwins();
            if (root.isQuantize)
                fillQuantize();
            if (root.hasPlaces)
                addPlaces();
            root.window = windowComponent.createObject(root, {
                app: facade
            });
            if (root.isCompare) {
                if (root.show !== "compareEmpty")
                    fillCompare();
                root.window.page = "compare";
            }
            if (root.show === "settings" || root.show === "memory")
                root.window.page = "settings";
            if (root.show === "memory")
                for (let row = 0; row < 4; ++row)
                    program.keepPrefix(facade.chats.data(facade.chats.index(row, 0), ChatListModel.ChatIdRole), 9 - 2 * row);
            if (root.isModels) {
                scene.prepare(program, root.show);
                root.window.page = "models";
                scene.show(facade.hub, root.show);
            }
            if (root.show === "fullDisk" || root.show === "closing")
                fillDisk();
            later.start();
        }
    }
    Timer {
        id: maker
        interval: 300
        onTriggered: {
            if (root.show === "planned")
                program.facade.quantize.budget.plan();
            else if (root.show === "method")
                program.facade.quantize.methods.method = "gptq";
            else
                program.facade.quantize.start();
        }
    }
    Timer {
        id: asker
        interval: 50
        onTriggered: {
            root.find(root.window.contentItem.parent, "quantizePublished").clicked();
            program.facade.quantize.published.model = root.show === "publishedNone" ? "My-Model-1B" : "Qwen/Qwen3-8B";
            if (root.show !== "publishedIdle")
                program.facade.quantize.published.look();
        }
    }
    Timer {
        id: later
        interval: 500 // the window has its size, and the answer's text is on screen by then
        onTriggered: {
            if (root.show === "picker")
                root.window.commands.chooseModel.triggered();
            if (root.show === "duplicates")
                root.find(root.window, "findDuplicates")?.clicked(); // none where Installed is a tab
            if (root.show.startsWith("load"))
                root.find(root.window, "modelsArea").chooseParameters(root.show === "load" ? "/home/me/models/archive/model-0.gguf" : "/home/me/models/large.gguf");
            if (root.isQuantize)
                root.openQuantize();
            if (root.show === "bin")
                program.showBin();
            if (root.show === "list")
                root.window.commands.toggleList.triggered();
            if (root.show === "waiting") {
                program.lockDisk();
                program.facade.chat.draft = "Words that wait for another program";
            }
            if (root.show === "closing" || root.show === "waiting")
                root.window.close();
            if (root.show === "find")
                root.window.commands.find.triggered();
            if (root.show === "inspector")
                root.window.commands.inspector.triggered();
            if (root.show === "toast")
                program.facade.chats.remove(program.facade.chat.chatId);
        }
    }
    Component {
        id: windowComponent
        Main {
            visible: true
        }
    }
}
