import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// The context inspector: opened by an answer's figures and by key, read by keyboard, closed by Esc.
PageTestCase {
    name: "inspector"

    readonly property list<string> texts: ["one two", "three four five", "six"]

    function inspectorPanel() {
        return find(page, child => child instanceof InspectorPanel);
    }
    function row(index) {
        return find(inspectorPanel(), child => child instanceof InspectorRow && child.index === index);
    }
    function ready() {
        tryVerify(() => app.chat.inspector.state === ContextInspector.Ready);
        tryVerify(() => row(0) !== null);
    }
    function talkTwice() {
        program.talk([{
                isUser: true,
                text: texts[0]
            }, {
                text: texts[1],
                promptTokens: 3,
                tokenCount: 3,
                stopReason: "endOfText"
            }, {
                isUser: true,
                text: texts[2]
            }, {
                text: "seven",
                promptTokens: 9,
                reusedTokens: 4,
                tokenCount: 1,
                stopReason: "endOfText"
            }]);
    }

    function test_figures_openTheirAnswersPrompt() {
        talkTwice();
        const figures = find(view, child => child.objectName === "answerFigures" && child.visible);
        verify(figures.text.includes("prompt 9 tokens, 4 from memory"));
        mouseClick(figures);
        ready();
        compare(app.chat.inspector.promptTokens, 9);
        compare(row(1).sentence, "2  Answer, 4 tokens, memory, then read");
        compare(row(2).sentence, "3  You, 2 tokens, read now");
        verify(shown("Reused from memory") !== null);
        // The page below takes no click that is meant for it.
        mouseClick(inspectorPanel(), 300, 60);
        verify(app.chat.inspector.isOpen);
        // Beside it, it closes.
        mouseClick(page, 100, 400);
        verify(!app.chat.inspector.isOpen);
    }
    function test_keyboard_readsAndCloses() {
        talkTwice();
        page.toggleInspector();
        // Nothing is there yet; what is there in the end has the focus.
        ready();
        page.toggleInspector();
        page.toggleInspector();
        ready();
        const list = find(inspectorPanel(), child => child.objectName === "inspectorList");
        list.forceActiveFocus();
        compare(app.chat.inspector.current, 2);
        keyClick(Qt.Key_Up);
        compare(app.chat.inspector.current, 1);
        compare(app.chat.inspector.firstToken, 4);
        compare(app.chat.inspector.lastToken, 7);
        keyClick(Qt.Key_Home);
        compare(app.chat.inspector.current, 0);
        keyClick(Qt.Key_End);
        compare(app.chat.inspector.current, 2);
        keyClick(Qt.Key_Escape);
        verify(!app.chat.inspector.isOpen);
        const text = find(page, child => child.objectName === "composer");
        verify(text.activeFocus || find(text, child => child.activeFocus) !== null);
    }
    function test_inspector_takesThePlaceOfTheLivePanel() {
        talkTwice();
        page.isLiveDocked = true;
        verify(page.isLiveShown);
        page.toggleInspector();
        verify(!page.isLiveShown && page.isInspectorShown);
        page.toggleInspector();
        verify(page.isLiveShown);
    }
    function test_withoutModel_saysWhatToDo() {
        talkTwice();
        program.unload();
        page.toggleInspector();
        tryVerify(() => shown("No model is loaded") !== null);
        compare(row(0), null);
    }
    function test_copyPrompt_isTheExactText() {
        talkTwice();
        page.toggleInspector();
        ready();
        const copied = createTemporaryObject(spyComponent, page, {
            target: app.chat,
            signalName: "copied"
        });
        mouseClick(find(inspectorPanel(), child => child.objectName === "copyPrompt"));
        compare(copied.count, 1);
    }
    Component {
        id: spyComponent
        SignalSpy {}
    }
}
