import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Shell

// The cards of the first page: three columns whatever there is, and no more than two rows of them.
ShellTestCase {
    name: "FirstRun"

    function cards() {
        const found = [];
        const walk = item => {
            for (const child of Array.from(item.children)) {
                if (child.visible && (child instanceof ModelCard || child instanceof RoomCard || child instanceof OwnModelsCard))
                    found.push(child);
                else
                    walk(child);
            }
        };
        walk(window.contentItem);
        return found;
    }
    function beginFirst(properties) {
        cleanup();
        begin(Object.assign({
            isFirstRun: true
        }, properties));
    }
    function models(count) {
        return Array.from({
            length: count
        }, (_, index) => ({
                    path: "/m/model-" + index + ".gguf",
                    name: "Model " + index,
                    memoryBytes: 1e9,
                    bytesPerToken: 1e9
                }));
    }
    function places(count) {
        return cards().map(card => Math.round(card.mapToItem(null, 0, 0).x));
    }

    // An answer that took 4 % longer per token than was forecast: the hardware card and Settings say so.
    function test_forecastError_isTold() {
        beginFirst({
            readBandwidth: 40,
            model: {
                name: "Sotto Demo",
                memoryBytes: 4e9,
                bytesPerToken: 4e9,
                contextTokens: 16384
            }
        });
        program.setModels([{
                path: "/demo",
                name: "Sotto Demo",
                memoryBytes: 4e9,
                bytesPerToken: 4e9,
                contextTokens: 16384
            }]);
        app.models.refresh();
        program.settle();
        verify(!find("forecastError").visible);
        app.chat.send("A question");
        program.settle();
        program.write("An answer.");
        program.finish({
            tokens: 64,
            tpotP50Ms: 104,
            tpotP95Ms: 105
        });
        tryCompare(app.speeds, "modelCount", 1);
        fuzzyCompare(app.speeds.errorShare, 0.04, 1e-9);
        window.showPage("settings");
        tryVerify(() => find("forecastErrors").detail === "The last ones were off by ± 4\u202f% over 1 model.");
    }
    function test_cards_fillThreeColumns_data() {
        return [
            {
                tag: "the demo alone",
                count: 0,
                cards: 3
            },
            {
                tag: "one model",
                count: 1,
                cards: 3
            },
            {
                tag: "three models",
                count: 3,
                cards: 5
            },
            {
                tag: "2,000 models",
                count: 2000,
                cards: 6
            }
        ];
    }
    function test_cards_fillThreeColumns(row) {
        beginFirst({});
        program.setModels(models(row.count));
        app.models.refresh();
        tryCompare(app.models.list, "count", row.count + 1);
        tryVerify(() => cards().length === row.cards, 5000, cards().length + " cards");
        tryVerify(() => new Set(places()).size === 3);
        const widths = cards().map(card => Math.round(card.width));
        verify(Math.max(...widths) - Math.min(...widths) <= 1, widths);
        verify(Math.max(...widths) < 400, widths);
    }
    function test_theWaysToAModel_areSeenInTheSmallestWindow() {
        beginFirst({});
        window.width = 960;
        window.height = 600;
        for (const name of ["useFile", "addFolder"]) {
            const button = find(name);
            tryVerify(() => button.mapToItem(null, 0, button.height).y <= 600, 5000, name);
        }
    }
    function test_withoutTheDemo_saysSo() {
        beginFirst({
            hasModel: false
        });
        tryVerify(() => cards().length === 2);
        const widths = cards().map(card => Math.round(card.width));
        verify(Math.max(...widths) < 400, widths);
        verify(!app.models.hasDemo);
    }
}
