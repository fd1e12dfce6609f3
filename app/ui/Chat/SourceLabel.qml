import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Where a value comes from. One that the layer shown sets itself carries a point and weight 500.
Row {
    id: root

    required property int source // SamplingModel.Source
    property int ownLayer: SamplingModel.Chat

    readonly property bool isOwn: source === ownLayer
    // By SamplingModel.Source.
    readonly property list<string> words: [qsTr("default"), qsTr("from the app's settings"), qsTr("set for this model"), qsTr("set in this chat")]
    readonly property string text: words[source]
    readonly property TypeRole medium: TypeRole {
        family: Theme.micro.family
        size: Theme.micro.size
        line: Theme.micro.line
        weight: Font.Medium
    }

    spacing: 5

    Rectangle {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isOwn
        width: 5
        height: 5
        radius: 2.5
        color: Theme.measured
    }
    Label {
        role: root.isOwn ? root.medium : Theme.micro
        color: root.isOwn ? Theme.t1 : Theme.t3
        text: root.text
    }
}
