import QtQuick
import QtTest
import Sotto.App
import Sotto.Shell
import Sotto.Tests

// What a new chat offers: in the language of the window, and made for the model that is loaded.
TestCase {
    id: root

    property Main window: null
    property TestApp program: null
    property AppFacade app: null

    name: "Suggestions"
    when: windowShown

    Component {
        id: appComponent
        TestApp {}
    }
    Component {
        id: windowComponent
        Main {
            visible: true
        }
    }

    function init(): void {
        program = appComponent.createObject(root);
        app = program.facade;
        window = windowComponent.createObject(null, {
            app: app,
            width: 1440,
            height: 900
        });
        tryVerify(() => window.active);
    }
    function cleanup(): void {
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function offered(text: string): bool {
        return below(window.contentItem, text);
    }
    function below(item: Item, text: string): bool {
        return Array.from(item.children).some(child => child.visible && (child.text === text || below(child, text)));
    }

    function test_suggestions_followTheLanguageAndTheModel(): void {
        const texts = () => Array.from(app.chat.suggestions).map(row => row.text);
        const questions = () => Array.from(app.chat.suggestions).map(row => row.question);
        compare(texts()[0], "Who are you?");
        tryVerify(() => offered("Who are you?"));
        app.settings.language = "zh_CN";
        tryVerify(() => texts()[0] === "你是谁？");
        tryVerify(() => offered("你是谁？"));
        compare(questions()[0], "Who are you?"); // all that the demo model understands
        program.load({
            path: "/own.gguf"
        });
        tryVerify(() => texts()[0].startsWith("用简单的话"));
        compare(questions(), texts());
        app.settings.language = "en";
        tryVerify(() => texts()[0].startsWith("Explain in simple words"));
        compare(questions(), texts());
    }
}
