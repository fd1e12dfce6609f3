pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App

// One Shortcut for each command of the window.
Item {
    id: root

    required property WindowCommands commands

    Instantiator {
        model: root.commands.all
        delegate: Shortcut {
            required property AppCommand modelData
            sequences: modelData.sequences
            enabled: modelData.enabled
            onActivated: modelData.triggered()
        }
    }
}
