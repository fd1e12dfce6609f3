import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// Shows a long text whole, or its first lines.
Button {
    id: root

    required property TypedText typed

    signal foldRequested(bool isFolded)

    visible: typed.isLong
    kind: Button.Quiet
    isSmall: true
    text: typed.isFolded ? qsTr("Show all (%1)").arg(Theme.format.fileSize(typed.bytes)) : qsTr("Show less")
    onClicked: foldRequested(!typed.isFolded)
}
