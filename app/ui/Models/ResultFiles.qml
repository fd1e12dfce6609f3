pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The files of one model on a hub, and what stands between them and this disk.
Column {
    id: root

    required property HubFilesModel files
    required property ModelController models

    readonly property bool isWide: width >= 680

    Row {
        x: 44
        height: 32
        spacing: 8
        visible: root.files.state === HubFilesModel.Reading
        Spinner {
        }
        Label {
            role: Theme.caption
            color: Theme.t3
            text: qsTr("Reading its list of files")
        }
    }
    FileColumns {
        x: 44
        width: parent.width - 64
        visible: root.files.state === HubFilesModel.Ready
        isWide: root.isWide
        contextTokens: root.files.contextTokens
    }
    Repeater {
        model: root.files
        delegate: FileRow {
            required property int index
            x: 44
            width: root.width - 64
            isGated: root.files.isGated
            isWide: root.isWide
            onForecastRequested: root.files.forecast(index)
            onDownloadRequested: root.files.download(index)
            onLoadRequested: root.models.choose(path)
            onUnlockRequested: Qt.openUrlExternally(root.files.pageUrl)
        }
    }
    Label {
        x: 44
        width: parent.width - 64
        bottomPadding: 8
        visible: root.files.state === HubFilesModel.Empty
        role: Theme.caption
        color: Theme.t3
        wrapMode: Text.Wrap
        text: qsTr("It has no GGUF file of a model.")
    }
    Label {
        x: 44
        width: parent.width - 64
        bottomPadding: 8
        visible: root.files.isGated
        role: Theme.caption
        color: Theme.t3
        wrapMode: Text.Wrap
        text: qsTr("Accept the licence on %1, then add your access token in Settings. It stays on this computer.").arg(root.files.host)
    }
    Button {
        objectName: "modelCard"
        x: 34
        isSmall: true
        kind: Button.Quiet
        iconName: "file-text"
        text: qsTr("Model card")
        Accessible.description: root.files.pageUrl
        onClicked: root.files.openCard()
    }
    Label {
        objectName: "filesProblem"
        x: 44
        width: parent.width - 64
        bottomPadding: 8
        visible: text.length > 0
        role: Theme.caption
        color: Theme.err
        wrapMode: Text.Wrap
        text: root.files.problem
        Accessible.role: Accessible.AlertMessage
        Accessible.name: text
    }
    Button {
        x: 44
        visible: root.files.state === HubFilesModel.Failed
        isSmall: true
        text: qsTr("Try again")
        onClicked: root.files.read()
    }
}
