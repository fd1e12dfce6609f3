pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What of a hub's models is shown, and in which order; what is wanted less often opens from the last button.
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
    component NamedChoice: Row {
        id: named
        required property string name
        property alias choices: choice.choices
        property alias chosenValue: choice.chosenValue

        signal chosen(string value)

        function takeFocus(): void {
            choice.forceActiveFocus(Qt.TabFocusReason);
        }

        spacing: 12
        Label {
            width: 72
            anchors.verticalCenter: parent.verticalCenter
            color: Theme.t2
            text: named.name
            Accessible.ignored: true
        }
        Choice {
            id: choice
            implicitWidth: 148
            name: named.name
            choices: []
            onActivated: named.chosen(currentValue)
        }
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
        objectName: "licenceChoice"
        name: qsTr("Licence")
        choices: root.search.licences
        chosenValue: root.search.licence
        onActivated: root.search.licence = currentValue
    }
    Choice {
        objectName: "sortChoice"
        implicitWidth: 148
        name: qsTr("Order")
        choices: root.search.sorts
        chosenValue: root.search.sort
        onActivated: root.search.sort = currentValue
    }
    Button {
        id: more
        objectName: "moreFilters"
        isSmall: true
        kind: Button.Quiet
        iconName: "list-filter"
        textColor: root.search.furtherCount > 0 ? Theme.measured : Theme.t2
        text: root.search.furtherCount > 0 ? qsTr("More filters, %n chosen", "", root.search.furtherCount) : qsTr("More filters")
        onClicked: further.open()

        Popup {
            id: further
            objectName: "furtherFilters"
            x: Math.min(0, more.width - width)
            y: more.height + 6
            padding: 16
            focus: true
            onOpened: size.takeFocus()

            contentItem: FocusScope {
                implicitWidth: column.implicitWidth
                implicitHeight: column.implicitHeight
                focus: true
                Accessible.role: Accessible.Grouping
                Keys.onEscapePressed: {
                    further.close();
                    more.forceActiveFocus(Qt.TabFocusReason);
                }
                Accessible.name: qsTr("More filters")
                Column {
                    id: column
                    spacing: 10
                    NamedChoice {
                        id: size
                        objectName: "sizeChoice"
                        name: qsTr("Size")
                        choices: root.search.sizes
                        chosenValue: root.search.size
                        onChosen: value => root.search.size = value
                    }
                    NamedChoice {
                        objectName: "familyChoice"
                        name: qsTr("Family")
                        choices: root.search.families
                        chosenValue: root.search.family
                        onChosen: value => root.search.family = value
                    }
                    NamedChoice {
                        objectName: "typeChoice"
                        name: qsTr("Format")
                        choices: root.search.types
                        chosenValue: root.search.type
                        onChosen: value => root.search.type = value
                    }
                }
            }
        }
    }
}
