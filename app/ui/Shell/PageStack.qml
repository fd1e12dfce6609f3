pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App

// The pages one over the other, the current one visible. Whatever is not kept goes when it is left.
Item {
    id: root

    required property AppFacade app
    required property WindowCommands commands
    required property WindowPages pages
    property string current
    property Page currentPage: null

    signal pageRequested(string name)

    function focusPage(): void {
        currentPage?.focusPage();
    }
    function showDownloads(): void {
        currentPage?.showDownloads();
    }

    // Not a Repeater: the pages are to be children of this object as well, for whoever looks for one.
    Instantiator {
        model: root.pages.all
        delegate: Loader {
            id: loader

            required property PageEntry modelData
            readonly property bool isCurrent: modelData.name === root.current
            readonly property bool isThere: modelData.isThere

            function follow(): void {
                if (isCurrent && item === null)
                    setSource(modelData.source, {
                            "app": root.app,
                            "commands": root.commands
                        });
                else if (!isCurrent && !modelData.isKept)
                    source = "";
                if (!isCurrent)
                    return;
                root.currentPage = item as Page;
                root.focusPage();
            }

            parent: root
            anchors.fill: parent
            visible: isCurrent
            focus: isCurrent
            onIsCurrentChanged: follow()
            // Esc leads back to the first page, unless something on the page had a use for it.
            Keys.onEscapePressed: event => {
                event.accepted = modelData.name !== root.pages.all[0].name;
                if (event.accepted)
                    root.pageRequested(root.pages.all[0].name);
            }
            onIsThereChanged: if (!isThere && isCurrent)
                root.pageRequested(root.pages.all[0].name)
            Component.onCompleted: follow()

            Connections {
                target: loader.modelData
                function onTriggered(): void {
                    root.pageRequested(loader.modelData.name);
                }
            }
            Connections {
                target: loader.item as Page
                function onShowRequested(): void {
                    root.pageRequested(loader.modelData.name);
                }
            }
        }
    }
}
