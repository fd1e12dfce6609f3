import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Theme

// Where model files come from that nobody added one by one.
PageTestCase {
    name: "modelPlaces"

    function paths() {
        const list = app.models.list;
        const found = [];
        for (let row = 0; row < list.count; ++row)
            found.push(list.data(list.index(row, 0), ModelListModel.PathRole));
        return found;
    }
    function offered(row, role) {
        const places = app.models.places;
        return places.data(places.index(row, 0), role);
    }
    // Nothing of another program is read before the picker is open and has nothing to show, and what was offered and
    // added is listed under its name there.
    function test_otherPrograms_areOfferedWhereThereIsNothing() {
        for (const name of ["one", "two"])
            program.putFile("lm/org/" + name + ".gguf", 500);
        const blob = "sha256-" + "a".repeat(64);
        program.putFile("ollama/blobs/" + blob, 10);
        program.putText("ollama/manifests/registry.ollama.ai/library/llama3.2/3b", JSON.stringify({
            layers: [{
                    mediaType: "application/vnd.ollama.image.model",
                    digest: blob.replace("-", ":")
                }]
        }));
        const empty = program.putFile("empty/notes.txt").replace("/notes.txt", "");
        program.setPlaces([{
                program: "LM Studio",
                folder: empty.replace("/empty", "/lm")
            }, {
                program: "Jan",
                folder: empty
            }, {
                program: "Ollama",
                folder: empty.replace("/empty", "/ollama")
            }]);
        compare(app.models.places.count, 0);
        page.openModelPicker();
        tryCompare(app.models.places, "count", 2);
        tryVerify(() => overlayText("LM Studio") !== null);
        compare(offered(0, PlaceListModel.ModelCountRole), 2);
        compare(offered(0, PlaceListModel.BytesRole), 1000);
        // The sentence in its form for one and many is the translation's.
        verify(overlayText("2 model(s), " + Theme.format.fileSize(1000)) !== null);
        app.models.places.add(1);
        compare(app.models.places.count, 1);
        tryCompare(app.models.list, "count", 2);
        compare(app.models.list.data(app.models.list.index(1, 0), ModelListModel.FileNameRole), "llama3.2:3b");
        tryVerify(() => program.storedSetting("modelFolders").length === 1); // after a pause
        tryVerify(() => overlayText("LM Studio") === null); // there is a model now
        keyClick(Qt.Key_Escape);
    }
    Component {
        id: placesComponent
        FoundPlaces {
            width: 262
        }
    }
    function test_figuresOfAPlace_areNotCutInANarrowCard() {
        for (let number = 0; number < 12; ++number)
            program.putFile("lm/org/" + number + ".gguf", 123456);
        const notes = program.putFile("lm/notes.txt");
        program.setPlaces([{
                program: "LM Studio",
                folder: notes.replace("/notes.txt", "")
            }]);
        const shown = createTemporaryObject(placesComponent, page, {
            places: app.models.places
        });
        const figures = "12 model(s), " + Theme.format.fileSize(12 * 123456);
        tryVerify(() => find(shown, child => child.text === figures) !== null);
        waitForRendering(shown);
        const label = find(shown, child => child.text === figures);
        verify(label.width >= label.implicitWidth, label.width + " of " + label.implicitWidth);
        const button = find(shown, child => child.text === "Add");
        verify(button.mapToItem(shown, button.width, 0).x <= shown.width);
    }
    function test_otherPrograms_areNotLookedForWhereThereAreModels() {
        const folder = program.putFile("lm/one.gguf").replace("/one.gguf", "");
        program.setPlaces([{
                program: "LM Studio",
                folder: folder
            }]);
        program.putFile("models/mine.gguf");
        app.models.refresh();
        tryCompare(app.models.list, "count", 2);
        page.openModelPicker();
        wait(100);
        compare(app.models.places.count, 0);
        keyClick(Qt.Key_Escape);
    }
    function test_ownFolder_isLookedThrough() {
        const first = program.putFile("models/first.gguf");
        page.openModelPicker();
        tryVerify(() => paths().includes(first));
        keyClick(Qt.Key_Escape);
        const second = program.putFile("models/below/second.gguf");
        page.openModelPicker();
        tryVerify(() => paths().includes(second));
        verify(paths().includes(first));
        keyClick(Qt.Key_Escape);
    }
}
