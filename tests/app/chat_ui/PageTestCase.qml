import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Tests

// A fresh program with its chat page for every test, and what tests of the page have in common.
TestCase {
    id: test

    when: windowShown
    width: 1120
    height: 800
    visible: true

    property TestApp program
    property AppFacade app
    property ChatPage page
    property MessageView view

    Component {
        id: appComponent
        TestApp {}
    }
    Component {
        id: pageComponent
        ChatPage {
            width: 1120
            height: 800
            isLiveDocked: false
        }
    }

    function init() {
        begin({});
    }
    function begin(properties) {
        program = appComponent.createObject(test, properties);
        app = program.facade;
        page = pageComponent.createObject(test, {
            app: app
        });
        view = find(page, child => child instanceof MessageView);
    }
    function beginAgain(properties) {
        cleanup();
        begin(properties);
    }
    // The page goes before what it reads from.
    function cleanup() {
        page.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function find(item, wanted) {
        for (const child of Array.from(item.children)) {
            const found = wanted(child) ? child : find(child, wanted);
            if (found)
                return found;
        }
        return null;
    }
    function shown(text) {
        return find(page, child => child.visible && child.text === text);
    }
    function pairs(nPairs) {
        const messages = [];
        for (let pair = 0; pair < nPairs; ++pair) {
            messages.push({
                isUser: true,
                text: "Question " + pair
            });
            messages.push({
                text: "Answer " + pair + "\n\n" + "Some words that fill the line. ".repeat(12)
            });
        }
        return messages;
    }
    function talk(nPairs) {
        program.talk(pairs(nPairs));
        compare(app.chat.messages.count, 2 * nPairs);
    }
    // Asks and waits until the engine has the question.
    function ask(text) {
        const nBefore = program.asked().length;
        verify(app.chat.send(text));
        tryVerify(() => program.asked().length === nBefore + 1);
    }
    function isAtEnd() {
        return view.contentY >= view.originY + view.contentHeight - view.height - 16;
    }
    // A row is laid out before the next frame, so that a click finds it where it will be.
    function clickWhenShown(text) {
        tryVerify(() => shown(text) !== null);
        waitForItemPolished(view);
        mouseClick(shown(text));
    }
    function lastText() {
        return textAt(app.chat.messages.count - 1);
    }
    function textAt(row) {
        const messages = app.chat.messages;
        return messages.data(messages.index(row, 0), MessageListModel.PlainTextRole);
    }
    function overlay() {
        let top = page;
        while (top.parent)
            top = top.parent;
        return top;
    }
    function overlayText(text) {
        return find(overlay(), child => child.visible && child.text === text);
    }
}
