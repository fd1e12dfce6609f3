import QtQuick
import QtQuick.Templates as T
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Shell
import Sotto.Theme

// The dialogs that Qt draws itself where the desktop has none: all their words can be read in both themes.
ShellTestCase {
    name: "FileDialogs"

    function walk(item, visit) {
        visit(item);
        for (const child of Array.from(item.children))
            walk(child, visit);
    }
    // The nearest opaque colour behind it.
    function surfaceOf(item) {
        for (let behind = item; behind; behind = behind.parent) {
            const surface = behind.background ?? behind;
            const isSurface = surface.visible && surface.color !== undefined && surface.border !== undefined;
            if (isSurface && surface.color.a > 0.5)
                return surface.color;
        }
        return window.color;
    }
    function luminance(colour) {
        const linear = part => part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
        return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b);
    }
    function contrast(one, other) {
        const lights = [luminance(one), luminance(other)].sort();
        return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
    }
    function words(item) {
        const found = [];
        walk(item, child => {
            if (child.visible && child.font !== undefined && child.color !== undefined && child.text !== undefined && child.text.length > 0)
                found.push(child);
        });
        return found;
    }
    function test_words_canBeRead_data() {
        const rows = [];
        for (const isFolder of [true, false])
            for (const theme of [SettingsController.Dark, SettingsController.Light])
                rows.push({
                    tag: (isFolder ? "folder" : "file") + (theme === SettingsController.Dark ? ", dark" : ", light"),
                    isFolder: isFolder,
                    theme: theme
                });
        return rows;
    }
    function test_words_canBeRead(row) {
        app.settings.theme = row.theme;
        let bar = null;
        walk(window.contentItem, item => {
            if (item instanceof ChatTopBar)
                bar = item;
        });
        bar.showDialog(row.isFolder);
        const overlay = window.T.Overlay.overlay;
        tryVerify(() => words(overlay).length > 4);
        wait(50);
        for (const word of words(overlay)) {
            const ratio = contrast(word.color, surfaceOf(word.parent));
            verify(ratio > 4.5, word.text + ": " + word.color + " on " + surfaceOf(word.parent));
        }
        keyClick(Qt.Key_Escape);
    }
}
