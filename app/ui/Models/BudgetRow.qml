import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// A target beside the formats: how large the file or the loaded model may be. Enter in its field plans it, which
// takes a while; the plan is a row among the formats then.
ColumnLayout {
    id: root

    required property BudgetPlanner budget

    spacing: 6

    RowLayout {
        Layout.fillWidth: true
        spacing: 8

        Label {
            role: Theme.label
            color: Theme.t2
            text: qsTr("Or a target")
            Accessible.ignored: true
        }
        Select {
            objectName: "budgetKind"
            Layout.leftMargin: 4
            isSmall: true
            implicitWidth: 196
            name: qsTr("What the target limits")
            model: [{
                    "text": qsTr("Bits per weight"),
                    "value": BudgetPlanner.Bits
                }, {
                    "text": qsTr("Size of the file"),
                    "value": BudgetPlanner.FileSize
                }, {
                    "text": qsTr("Memory with this context"),
                    "value": BudgetPlanner.Memory
                }]
            chosenValue: root.budget.kind
            onActivated: root.budget.kind = currentValue
        }
        TextField {
            objectName: "budgetValue"
            implicitWidth: 72
            implicitHeight: 28
            name: qsTr("Target")
            maximumLength: 12
            text: root.budget.value
            onTextEdited: root.budget.value = text
            Keys.onReturnPressed: root.budget.plan()
            Keys.onEnterPressed: root.budget.plan()
        }
        Label {
            role: Theme.caption
            color: Theme.t3
            text: root.budget.unit
            Accessible.ignored: true
        }
        Button {
            objectName: "budgetPlan"
            isSmall: true
            text: root.budget.isPlanning ? qsTr("Stop") : qsTr("Plan")
            onClicked: {
                if (root.budget.isPlanning)
                    root.budget.stop();
                else
                    root.budget.plan();
            }
        }
        Spinner {
            visible: root.budget.isPlanning
        }
        Label {
            objectName: "budgetText"
            Layout.fillWidth: true
            role: Theme.caption
            color: Theme.t3
            elide: Text.ElideRight
            text: root.budget.isPlanning ? root.budget.progressText : root.budget.resultText
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
    }
    Label {
        objectName: "budgetProblem"
        Layout.fillWidth: true
        visible: text.length > 0
        role: Theme.caption
        color: Theme.err
        wrapMode: Text.Wrap
        text: root.budget.problem
        Accessible.role: Accessible.AlertMessage
        Accessible.name: text
    }
}
