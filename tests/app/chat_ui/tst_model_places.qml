import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

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
