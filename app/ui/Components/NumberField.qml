import QtQuick

// A value as text that a person may type anew. What is typed is told with every key (a window that is
// closed ends no editing) and stays as it was typed until the focus leaves; then the value is shown again.
TextField {
    id: root

    property string shownText // the value

    signal typed(string text)

    text: shownText
    onTextEdited: {
        text = text; // no binding while someone types: "0." would become "0"
        typed(text);
    }
    onEditingFinished: text = Qt.binding(() => shownText)
}
