import QtQuick
import QtTest
import Sotto.App
import Sotto.Shell
import Sotto.Tests
import Sotto.Theme

// Closing the window: at once when all is on the disk, asked first when text would be lost.
TestCase {
    id: root

    property Main window: null
    property TestApp program: null
    property AppFacade app: null

    name: "Closing"
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
        program.heal();
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    // An answer of which nothing gets onto the disk.
    function answerOnAFullDisk(): void {
        app.chat.send("Hello");
        program.settle();
        program.write("Written before.");
        program.settle();
        program.failWrites();
        program.write(" Two lines change.");
        const messages = app.chat.messages;
        tryVerify(() => messages.data(messages.index(1, 0), MessageListModel.PlainTextRole).endsWith("change."));
        program.settle();
    }
    function button(name: string): Item {
        const found = findChild(window, name);
        verify(found !== null, name);
        return found;
    }

    function test_nothingToLose_closesAtOnce(): void {
        window.close();
        compare(window.visible, false);
    }
    function test_answerBeingWritten_onADiskThatWorks_closesWithoutAQuestion(): void {
        app.chat.send("Hello");
        program.settle();
        program.write("Half an answer");
        window.close();
        tryCompare(window, "visible", false);
        compare(app.closeGuard.state, CloseGuard.Closing);
    }
    function test_textThatIsNotOnTheDisk_isAskedFor(): void {
        answerOnAFullDisk();
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        compare(window.visible, true);
        verify(app.closeGuard.unsavedBytes >= 18);
        verify(app.closeGuard.reason.startsWith("The disk is full"));
        verify(button("closeTitle").text.includes("B of text are not on disk"));
        tryVerify(() => button("tryCloseAgain").activeFocus);
    }
    function test_tryAgain_asksAgainWhileTheDiskIsFull_andClosesWhenItWorks(): void {
        answerOnAFullDisk();
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        button("tryCloseAgain").clicked();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        compare(window.visible, true);
        program.heal();
        button("tryCloseAgain").clicked();
        tryCompare(window, "visible", false);
        compare(program.storedTexts(app.chat.chatId)[1], "Written before. Two lines change.");
    }
    function test_escape_staysOpen(): void {
        answerOnAFullDisk();
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        tryVerify(() => button("tryCloseAgain").activeFocus);
        keyClick(Qt.Key_Escape);
        compare(app.closeGuard.state, CloseGuard.Open);
        compare(window.visible, true);
    }
    function test_copy_takesTheTextThatWouldBeLost(): void {
        answerOnAFullDisk();
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        button("copyUnsaved").clicked();
        verify(program.clipboard().includes("Two lines change."));
    }
    // Nothing to try again: the disk works, only the person can finish it.
    function test_openEditor_isAskedFor_andEnterStays(): void {
        app.chat.send("Hello");
        program.settle();
        program.write("An answer");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        app.chat.messages.beginEdit(0);
        app.chat.messages.setEditText(0, "Hello there");
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        compare(window.visible, true);
        compare(button("tryCloseAgain").visible, false);
        tryVerify(() => button("stayOpen").activeFocus);
        keyClick(Qt.Key_Return);
        compare(app.closeGuard.state, CloseGuard.Open);
        app.chat.messages.cancelEdit(0);
        window.close();
        tryCompare(window, "visible", false);
    }
    // Its sentence is nowhere else then.
    function test_causeThatTheQuestionDoesNotTell_staysInTheBanner(): void {
        answerOnAFullDisk();
        const banner = button("storageProblem");
        tryVerify(() => banner.visible);
        const height = banner.height;
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        compare(banner.visible, false);
        compare(banner.height, height);
        app.closeGuard.stay();
        tryCompare(banner, "visible", true);
        program.heal();
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        tryCompare(banner, "visible", false);
        program.tellFailure("databaseDamaged");
        app.chat.messages.beginEdit(0);
        app.chat.messages.setEditText(0, "Hello there");
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        compare(banner.visible, true);
        compare(banner.opacity, 1);
        app.closeGuard.stay();
        app.chat.messages.cancelEdit(0);
    }
    // The words wait for another program: asked at once, closed as soon as it lets go.
    function test_lockOfAnotherProgram_isToldAtOnce(): void {
        app.chat.send("Hello");
        program.settle();
        program.write("An answer");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        program.settle();
        program.lockDisk();
        app.chat.draft = "Words";
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Waiting);
        const dialog = findChild(window, "closeDialog");
        tryVerify(() => dialog.opened);
        compare(app.closeGuard.unsavedBytes, 5);
        verify(button("closeTitle").text.includes("B of text are not on disk"));
        compare(button("tryCloseAgain").visible, false);
        compare(button("closeAnyway").visible, true);
        tryVerify(() => button("stayOpen").activeFocus);
        keyClick(Qt.Key_Escape);
        compare(app.closeGuard.state, CloseGuard.Open);
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Waiting);
        program.unlockDisk();
        tryCompare(window, "visible", false);
        compare(program.storedChat(app.chat.chatId).draft, "Words");
    }
    function test_closeAnyway_closes(): void {
        answerOnAFullDisk();
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        button("closeAnyway").clicked();
        compare(window.visible, false);
    }
}
