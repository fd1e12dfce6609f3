import QtQuick

ListModel {
    id: root

    enum Kind {
        Section,
        Folder,
        Chat
    }
    enum SectionKey {
        NoSection,
        Pinned,
        Folders,
        Today,
        Yesterday,
        Last7Days,
        Last30Days,
        Older
    }

    property double currentChatId: 11
    property bool canUndo: false
    property string undoText
    property bool isEmpty: count === 0
    property var folders: [
        {
            folderId: 1,
            title: "Household"
        },
        {
            folderId: 2,
            title: "Work"
        }
    ]
    property var calls: [] // what was asked, for the tests

    function row(kind, section, values): var {
        return Object.assign({
            kind: kind,
            section: section,
            title: "",
            chatId: 0,
            folderId: 0,
            isPinned: false,
            isExpanded: false,
            count: 0,
            isCurrent: false,
            isWriting: false,
            time: new Date(2026, 10, 20, 11, 2),
            depth: 0
        }, values);
    }
    function note(name: string, value: var): void {
        calls = calls.concat([[name].concat(Array.from(value))]);
    }
    function newChat(): void {
        note("newChat", []);
    }
    function newTemporaryChat(): void {
        note("newTemporaryChat", []);
    }
    function open(chatId: double): void {
        note("open", [chatId]);
        currentChatId = chatId;
        for (let i = 0; i < count; ++i)
            setProperty(i, "isCurrent", get(i).chatId === chatId && chatId !== 0);
    }
    function rename(chatId: double, title: string): void {
        note("rename", [chatId, title]);
    }
    function setPinned(chatId: double, isPinned: bool): void {
        note("setPinned", [chatId, isPinned]);
    }
    function moveToFolder(chatId: double, folderId: double): void {
        note("moveToFolder", [chatId, folderId]);
    }
    function duplicate(chatId: double): void {
        note("duplicate", [chatId]);
    }
    function remove(chatId: double): void {
        note("remove", [chatId]);
    }
    function undo(): void {
        note("undo", []);
        canUndo = false;
    }
    function newFolder(title: string, chatId: double): void {
        note("newFolder", [title, chatId]);
        folders = folders.concat([
            {
                folderId: 3,
                title: title
            }
        ]);
    }
    function renameFolder(folderId: double, title: string): void {
        note("renameFolder", [folderId, title]);
    }
    function removeFolder(folderId: double): void {
        note("removeFolder", [folderId]);
    }
    function toggleFolder(folderId: double): void {
        note("toggleFolder", [folderId]);
    }

    Component.onCompleted: {
        const K = ChatListModel;
        append(row(K.Section, K.Pinned, {}));
        append(row(K.Chat, K.Pinned, {
            title: "Tax letter, in plain words",
            chatId: 10,
            isPinned: true
        }));
        append(row(K.Section, K.Folders, {}));
        append(row(K.Folder, K.Folders, {
            title: "Household",
            folderId: 1,
            isExpanded: true,
            count: 3
        }));
        append(row(K.Chat, K.Folders, {
            title: "Bank export by month",
            chatId: 11,
            folderId: 1,
            isCurrent: true,
            isWriting: true,
            depth: 1
        }));
        append(row(K.Chat, K.Folders, {
            title: "Letter to the landlord",
            chatId: 12,
            folderId: 1,
            depth: 1
        }));
        append(row(K.Folder, K.Folders, {
            title: "Work",
            folderId: 2,
            count: 12
        }));
        append(row(K.Section, K.Today, {}));
        append(row(K.Chat, K.Today, {
            title: "Why the dough stays sticky",
            chatId: 13
        }));
        append(row(K.Chat, K.Today, {
            title: "润色给房东的邮件",
            chatId: 14
        }));
        append(row(K.Section, K.Yesterday, {}));
        append(row(K.Chat, K.Yesterday, {
            title: "Four days in Bologna",
            chatId: 15
        }));
    }
}
