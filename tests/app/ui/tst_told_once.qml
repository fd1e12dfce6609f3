import QtQuick
import QtTest
import Sotto.App

// What keeps text from the disk, and what goes wrong in a chat.
ToldOnceTestCase {
    name: "ToldOnce"

    situations: ({
            "full disk, sent": {
                seen: "The disk is full",
                act: () => {
                    talk();
                    program.failWrites();
                    send();
                }
            },
            "full disk, first message": {
                seen: "The disk is full",
                act: () => {
                    app.chats.newChat();
                    program.settle();
                    program.failWrites();
                    send();
                }
            },
            "full disk, edited": {
                seen: "The disk is full",
                act: () => {
                    talk();
                    app.chat.messages.beginEdit(0);
                    app.chat.messages.setEditText(0, "Another question");
                    program.failWrites();
                    app.chat.edit(0, "Another question");
                    tryVerify(() => find("storageProblem").visible);
                }
            },
            "full disk, answered": {
                seen: "The disk is full",
                act: () => {
                    talk();
                    program.failWrites();
                    writeAnAnswer();
                    tryVerify(() => find("storageProblem").visible);
                }
            },
            "full disk, answer breaks off": {
                seen: "The disk is full",
                act: () => {
                    talk();
                    program.failWrites();
                    writeAnAnswer();
                    program.failAnswer("Not enough memory: 2 GiB needed, 1 GiB free. Choose a smaller model or a shorter context.");
                    tryVerify(() => isSeen("The answer broke off"));
                }
            },
            "full disk, window closed": {
                seen: "not on disk",
                act: () => {
                    talk();
                    program.failWrites();
                    writeAnAnswer();
                    tryVerify(() => find("storageProblem").visible);
                    window.close();
                    tryCompare(app.closeGuard, "state", CloseGuard.Asking);
                }
            },
            "full disk, settings changed": {
                seen: "The disk is full",
                act: () => {
                    showSettings("");
                    program.failWrites();
                    app.settings.textSize = 18;
                    tryVerify(() => find("storageProblem").visible);
                }
            },
            "full disk, a job fails of it": {
                seen: "The disk is full",
                act: () => {
                    program.failWrites();
                    app.settings.textSize = 18;
                    tryVerify(() => find("storageProblem").visible);
                    program.failJob("diskFull");
                    keyClick(Qt.Key_J, Qt.ControlModifier | Qt.ShiftModifier);
                    tryVerify(() => allItems(window.contentItem.parent, item => item.visible && item.objectName === "jobList", []).length > 0);
                }
            },
            "full memory for temporary chats": {
                seen: "memory for temporary chats",
                act: () => {
                    app.chats.newTemporaryChat();
                    program.settle();
                    program.tellFailure("diskFull", true);
                    tryVerify(() => find("storageProblem").visible);
                }
            },
            "lock of another program": {
                seen: "Another program holds",
                act: () => {
                    talk();
                    program.tellFailure("locked");
                    tryVerify(() => find("storageProblem").visible);
                    openPicker();
                }
            },
            "lock of another program, window closed": {
                seen: "not on disk",
                act: () => {
                    talk();
                    program.tellFailure("locked");
                    program.lockDisk();
                    app.chat.draft = "Words";
                    window.close();
                    tryCompare(app.closeGuard, "state", CloseGuard.Waiting);
                    tryVerify(() => isSeen("not on disk"));
                }
            },
            "library may not be written, settings": {
                seen: "may not be written",
                act: () => {
                    program.tellFailure("readOnly");
                    showSettings("Storage");
                }
            },
            "damaged library": {
                seen: "database is damaged",
                act: () => {
                    talk();
                    program.tellFailure("databaseDamaged");
                    tryVerify(() => find("storageProblem").visible);
                }
            },
            "library may not be written at the start": {
                begin: {
                    startProblem: "readOnly"
                },
                seen: "Your chats can be read",
                act: () => {
                    talk();
                    openPicker();
                }
            },
            "library may not be written at the first start": {
                begin: {
                    startProblem: "readOnly",
                    isFirstRun: true
                },
                seen: "Your chats can be read",
                act: () => {}
            },
            "damaged message": {
                seen: "This message is damaged",
                act: () => {
                    const chat = talk();
                    program.cutMessage(chat, 1, 100);
                    app.chats.newChat();
                    program.open(chat);
                }
            },
            "no answer": {
                seen: "There is no answer",
                act: () => {
                    talk();
                    app.chat.regenerate();
                    tryVerify(() => program.asked().length === 1);
                    program.failAnswer("Not enough memory: 2 GiB needed, 1 GiB free. Choose a smaller model or a shorter context.");
                    tryVerify(() => isSeen("There is no answer"));
                }
            },
            "answer breaks off": {
                seen: "The answer broke off",
                act: () => {
                    talk();
                    writeAnAnswer();
                    program.failAnswer("Not enough memory: 2 GiB needed, 1 GiB free. Choose a smaller model or a shorter context.");
                    tryVerify(() => isSeen("The answer broke off"));
                }
            },
            "chat in the bin": {
                seen: "Restore",
                act: () => {
                    const chat = talk();
                    app.chats.remove(chat);
                    program.settle();
                    app.bin.open(chat);
                    program.settle();
                }
            }
        })

    // The test's own eyes.
    function test_whatIsToldTwice_isSeen(): void {
        const label = Qt.createQmlObject("import QtQuick; Text { text: 'The disk is full, my friend. Really.'; opacity: 1 }", window.contentItem);
        compare(toldTwice(), []);
        const other = Qt.createQmlObject("import QtQuick; TextEdit { readOnly: true; text: 'Oh: The disk is full, my friend!' }", window.contentItem);
        compare(toldTwice(), ["The disk is full, my friend"]);
        other.opacity = 0;
        compare(toldTwice(), []);
        other.destroy();
        label.destroy();
    }
}
