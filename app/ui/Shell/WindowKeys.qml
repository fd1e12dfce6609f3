pragma ComponentBehavior: Bound
import QtQuick

// One Shortcut for each command of the window.
Item {
    id: root

    required property WindowCommands commands

    // Spellings of a key that differ between keyboards.
    function sequencesOf(keys: string): var {
        return keys === "Ctrl++" ? ["Ctrl++", "Ctrl+="] : [keys];
    }

    Instantiator {
        model: root.commands.all
        delegate: Shortcut {
            required property AppCommand modelData
            sequences: root.sequencesOf(modelData.keys)
            enabled: modelData.enabled
            onActivated: modelData.triggered()
        }
    }
}
