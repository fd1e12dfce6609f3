import QtQuick
import QtTest
import Sotto.App
import Sotto.Tests

// Whatever goes wrong, and wherever one looks then: its cause is told once, in both languages. `situations`, by
// name: what has gone wrong in words that are seen, how it came to it, and what the program is begun with.
ShellTestCase {
    id: root

    property var situations: ({})

    function cleanup(): void {
        program.unlockDisk(); // what is waited for does not hold the next test up
        app.settings.language = "en";
        wait(0);
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function toldTwice(): var {
        return program.toldTwice(window.contentItem.parent);
    }
    function isSeen(text: string): bool {
        return allItems(window.contentItem.parent, item => item.visible && item.text !== undefined && String(item.text).includes(text), []).length > 0;
    }
    function talk(): double {
        const chat = program.talk([
            {
                isUser: true,
                text: "Question"
            },
            {
                text: "Half an answer",
                isStopped: true
            }
        ]);
        tryCompare(app.chat.messages, "count", 2);
        return chat;
    }
    function send(): void {
        verify(app.chat.send("Another question"));
        tryVerify(() => find("storageProblem").visible);
        tryVerify(() => app.chat.draft.length > 0 || app.chat.problem.length > 0);
    }
    function writeAnAnswer(): void {
        app.chat.regenerate();
        tryVerify(() => program.asked().length === 1);
        program.write("Some words of an answer");
        program.settle();
    }
    function openPicker(): void {
        keyClick(Qt.Key_L, Qt.ControlModifier);
        tryVerify(() => allItems(window.contentItem.parent, item => item.visible && item.placeholderText === "Find a model", []).length > 0);
        program.settle();
    }
    function showSettings(section: string): void {
        window.showPage(window.pages.settings.name);
        tryVerify(() => isSeen("Theme"));
        if (section.length > 0)
            allItems(window.contentItem, item => item.text === section && item.clicked !== undefined, [])[0].clicked();
    }

    function test_cause_isToldOnce_data(): var {
        return Object.keys(situations).map(situation => ({
                    tag: situation
                }));
    }
    function test_cause_isToldOnce(row: var): void {
        const situation = situations[row.tag];
        if (situation.begin !== undefined) {
            cleanup();
            begin(situation.begin);
        }
        situation.act();
        tryVerify(() => isSeen(situation.seen), 5000, situation.seen);
        waitForRendering(window.contentItem);
        compare(toldTwice(), []);
        app.settings.language = "zh_CN";
        wait(0);
        compare(toldTwice(), []);
    }
}
