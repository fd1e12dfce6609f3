import QtQuick
import Sotto.Theme

// A value as text that a person may type anew. What is typed is told with every key (a window that is
// closed ends no editing) and stays as it was typed until the focus leaves; then the value is shown again.
TextField {
    id: root

    property string shownText // the value
    property string refusal // why what stands in it was not taken; goes with the focus

    signal typed(string text)

    text: shownText
    color: refusal.length > 0 ? Theme.err : Theme.t1
    Accessible.description: refusal
    onTextEdited: {
        text = text; // no binding while someone types: "0." would become "0"
        typed(text);
    }
    onEditingFinished: {
        refusal = "";
        text = Qt.binding(() => shownText);
    }

    Tooltip {
        visible: root.refusal.length > 0 && root.activeFocus
        delay: 0
        text: root.refusal
    }
}
