pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App
import Sotto.Components

// What of a hub's models is shown, and in which order.
Flow {
    id: root

    required property HubSearchModel search
    property bool knowsRoom: true // how large a file may be that fits

    spacing: 8

    component Choice: Select {
        required property list<var> choices
        isSmall: true
        model: choices
    }

    FilterChip {
        objectName: "fitsChip"
        enabled: root.knowsRoom
        text: qsTr("Fits here")
        checked: root.search.isFitting
        onToggled: root.search.isFitting = checked
    }
    FilterChip {
        objectName: "chatChip"
        text: qsTr("Chat models")
        checked: root.search.isChat
        onToggled: root.search.isChat = checked
    }
    Choice {
        name: qsTr("Size")
        choices: root.search.sizes
        chosenValue: root.search.size
        onActivated: root.search.size = currentValue
    }
    Choice {
        objectName: "licenceChoice"
        name: qsTr("Licence")
        choices: root.search.licences
        chosenValue: root.search.licence
        onActivated: root.search.licence = currentValue
    }
    Choice {
        name: qsTr("Family")
        choices: root.search.families
        chosenValue: root.search.family
        onActivated: root.search.family = currentValue
    }
    Choice {
        name: qsTr("Format")
        choices: root.search.types
        chosenValue: root.search.type
        onActivated: root.search.type = currentValue
    }
    Choice {
        objectName: "sortChoice"
        implicitWidth: 148
        name: qsTr("Order")
        choices: root.search.sorts
        chosenValue: root.search.sort
        onActivated: root.search.sort = currentValue
    }
}
