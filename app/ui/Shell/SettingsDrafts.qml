pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components

// What guesses ahead for the model in use: the ways that there are, what each gave in this session, and why other files cannot.
SettingGroup {
    id: root

    required property DraftModelList drafts
    // Files are compared while somebody looks.
    property bool isShown: visible

    title: qsTr("Drafts")

    onIsShownChanged: drafts.isShown = isShown
    Component.onCompleted: drafts.isShown = isShown
    Component.onDestruction: {
        if (drafts)
            drafts.isShown = false;
    }

    SettingRow {
        isFirst: true
        title: root.drafts.modelName.length > 0 ? qsTr("Guess ahead for %1").arg(root.drafts.modelName) : qsTr("Guess ahead")
        detail: qsTr("Several tokens are guessed and checked in one step. The text is the same; it is off by itself where it does not pay.")
        Spinner {
            anchors.verticalCenter: parent ? parent.verticalCenter : undefined
            visible: root.drafts.isLooking
            Accessible.name: qsTr("Files are compared")
        }
    }
    Repeater {
        model: root.drafts
        delegate: DraftRow {
            Layout.fillWidth: true
            onChosen: row => root.drafts.choose(row)
        }
    }
    SettingRow {
        visible: root.drafts.isLoadNeeded
        isMarked: true
        title: qsTr("Used at the next load of the model")
        detail: qsTr("The draft model is loaded beside it.")
        Button {
            objectName: "loadWithDraft"
            isSmall: true
            text: qsTr("Load again")
            onClicked: root.drafts.loadAgain()
        }
    }
}
