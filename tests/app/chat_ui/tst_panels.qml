import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// What stands around the conversation: the live panel, the model picker and its button.
PageTestCase {
    name: "panels"

    function test_live_docksWhenThereIsRoom() {
        page.isLiveDocked = true;
        verify(page.isLiveShown);
        page.toggleLive();
        verify(!app.settings.isLiveOpen);
        verify(!page.isLiveShown);
    }
    function test_live_showsTheCardWhereThereIsOne() {
        page.isLiveDocked = true;
        const panel = find(page, child => child instanceof LiveCard);
        verify(!panel.visible);
        compare(panel.height, 0);
        compare(shown("VRAM"), null);
        const card = {
            name: "Some Card",
            powerWatts: 318.4,
            powerLimitWatts: 450,
            smClockMhz: 2610,
            specGbS: 1008
        };
        program.measure({
            card: card
        });
        program.load({}); // the panel looks at once when a model has been loaded
        tryVerify(() => panel.visible && panel.height > 0);
        verify(shown("Some Card") !== null);
        // Its driver does not tell its memory: the figures are the computer's.
        compare(shown("VRAM"), null);
        verify(shown("RAM") !== null);
        verify(shown("318") !== null);
        verify(shown("of 450 W") !== null);
        verify(shown("2,610") !== null);
        verify(shown("data sheet: 1,008\u00a0GB/s") !== null);
        // The temperature is not told: a dash, not a number.
        verify(find(panel, child => child instanceof LiveFigure && child.name === "Temperature").value === "");
        compare(find(panel, child => child.visible && String(child.text).startsWith("Slowed down")), null);
        program.measure({
            card: Object.assign({
                isHot: true,
                memoryTotal: 24e9,
                memoryFree: 8e9
            }, card)
        });
        program.load({});
        tryVerify(() => shown("VRAM") !== null);
        compare(shown("RAM"), null);
        tryVerify(() => shown("Slowed down: heat") !== null);
    }
    function test_picker_loadsByKeyboard() {
        program.setModels([
            { name: "Demo", path: "/demo", quantization: "Q8_0", isDemo: true, memoryBytes: 1e6 },
            { name: "Small", path: "/small", quantization: "Q4_K_M", memoryBytes: 2e9, bytesPerToken: 1e9, contextTokens: 8192 },
            { name: "Large", path: "/large", quantization: "Q8_0", memoryBytes: 9e10, shortage: "83.8 GiB needed, 29.1 GiB free." },
            { name: "Broken", path: "/broken", problem: "Not a model file." }
        ]);
        page.openModelPicker(); // looks again: the models came after the start
        tryVerify(() => overlayText("Fits with 8,192 tokens of context, 1.9\u00a0GiB RAM") !== null);
        tryVerify(() => overlayText("≈\u00a030 tok/s") !== null);
        tryVerify(() => overlayText("Not a model file.") !== null);
        tryVerify(() => overlayText("83.8 GiB needed, 29.1 GiB free.") !== null);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().length === 2);
        compare(program.loads(), ["/demo", "/small"]);
    }
    function test_picker_saysWhereAModelWouldLie() {
        beginAgain({
            readBandwidth: 40,
            card: {
                name: "Some Card",
                specGbS: 1000
            }
        });
        const gib = 1073741824;
        program.setModels([
            { name: "Whole", path: "/whole", memoryBytes: 5 * gib, cardBytes: 5 * gib, bytesPerToken: 4e9, cardBytesPerToken: 4e9, contextTokens: 8192, cardLayers: 36, layerCount: 36 },
            { name: "Parts", path: "/parts", memoryBytes: 15 * gib, cardBytes: 11 * gib, bytesPerToken: 4e9, cardBytesPerToken: 3e9, contextTokens: 4096, cardLayers: 28, layerCount: 40, isShortened: true },
            { name: "Outside", path: "/outside", memoryBytes: 20 * gib, bytesPerToken: 2e10, contextTokens: 4096, isCardTooSmall: true, layerCount: 40 }
        ]);
        page.openModelPicker();
        tryVerify(() => overlayText("Fits with 8,192 tokens of context, 5.0\u00a0GiB VRAM") !== null);
        tryVerify(() => overlayText("≈\u00a0250 tok/s") !== null);
        const parts = "Fits with a shorter context, 4,096 tokens, 11.0\u00a0GiB VRAM + 4.0\u00a0GiB RAM. 28 of 40 layers on the graphics card, the others on the processor.";
        tryVerify(() => overlayText(parts) !== null);
        tryVerify(() => overlayText("≈\u00a036 tok/s") !== null);
        tryVerify(() => overlayText("Fits with 4,096 tokens of context, 20.0\u00a0GiB RAM. On the processor: too large for the free graphics memory.") !== null);
        verify(!app.models.isBandwidthMeasured);
        const row = find(overlay(), child => child instanceof ModelRow && child.name === "Parts");
        verify(row.Accessible.name.includes("28 of 40 layers on the graphics card"));
        keyClick(Qt.Key_Escape);
    }
    function test_picker_saysWhyTheCardIsNotUsed() {
        beginAgain({
            card: {
                name: "Some Card",
                problem: "A sentence about the card."
            }
        });
        page.openModelPicker();
        tryVerify(() => overlayText("Models run on the processor, the graphics card cannot be used. Some Card: A sentence about the card.") !== null);
        keyClick(Qt.Key_Escape);
    }
    function test_modelButton_namesTheMemory() {
        const gib = 1073741824;
        program.load({
            memoryBytes: 3 * gib
        });
        tryVerify(() => shown("3.0\u00a0GiB RAM") !== null);
        program.load({
            memoryBytes: 3 * gib,
            cardBytes: 2 * gib
        });
        tryVerify(() => shown("2.0\u00a0GiB VRAM + 1.0\u00a0GiB RAM") !== null);
        program.load({
            memoryBytes: 3 * gib,
            cardBytes: 3 * gib
        });
        tryVerify(() => shown("3.0\u00a0GiB VRAM") !== null);
    }
    // Whoever chooses again while a model loads gets the second one, whatever becomes of the first.
    function test_load_theSecondChoiceCounts() {
        program.setLoadsHanging(true);
        app.models.load("/m/first.gguf");
        tryVerify(() => app.models.loadProgress > 0);
        app.models.load("/m/second.gguf");
        tryVerify(() => program.loads().length === 3);
        compare(app.models.state, ModelController.Loading);
        program.endLoad();
        tryCompare(app.models, "state", ModelController.Loaded);
        compare(app.models.path, "/m/second.gguf");
        program.settle();
        compare(app.models.state, ModelController.Loaded);
    }
    function test_load_cancelledBringsBackTheModelBeforeAndSaysNothing() {
        program.setLoadsHanging(true);
        app.models.load("/m/first.gguf");
        tryVerify(() => app.models.loadProgress > 0);
        app.models.cancelLoad();
        tryCompare(app.models, "path", "/demo");
        program.endLoad();
        tryCompare(app.models, "state", ModelController.Loaded);
        compare(app.models.notice, "");
        verify(app.chat.canSend);
    }
    function test_load_cancelledWithNoModelBeforeLeavesNone() {
        program.unload();
        program.setLoadsHanging(true);
        app.models.load("/m/first.gguf");
        tryVerify(() => app.models.loadProgress > 0);
        app.models.cancelLoad();
        tryCompare(app.models, "state", ModelController.NoModel);
        compare(app.models.errorText, "");
        verify(!app.chat.canSend);
    }
    function test_load_failedSaysWhyAndCanBeTriedAgain() {
        program.unload();
        program.failLoads("The file is damaged.");
        app.models.load("/m/first.gguf");
        tryCompare(app.models, "state", ModelController.Failed);
        compare(app.models.errorText, "The file is damaged.");
        page.openModelPicker();
        tryVerify(() => overlayText("The file is damaged.") !== null);
        mouseClick(overlayText("Try again"));
        tryVerify(() => program.loads().length === 3);
        compare(program.loads()[2], "/m/first.gguf");
    }
}
