import QtQuick
import QtTest
import Sotto.Components
import Sotto.Theme

// The controls by mouse and keyboard, their names for screen readers, and their sizes.
TestCase {
    id: root

    name: "Components"
    width: 640
    height: 480
    visible: true
    when: windowShown

    Component {
        id: buttonComponent
        Button {
            text: "Load"
        }
    }
    Component {
        id: iconButtonComponent
        IconButton {
            iconName: "copy"
            text: "Copy"
        }
    }
    Component {
        id: switchComponent
        Switch {
            text: "Reduce motion"
        }
    }
    Component {
        id: radioComponent
        RadioButton {
            text: "F16"
        }
    }
    Component {
        id: segmentComponent
        SegmentedControl {
            name: "Theme"
            model: [
                {
                    text: "System",
                    value: 0
                },
                {
                    text: "Dark",
                    value: 1
                },
                {
                    text: "Light",
                    value: 2
                }
            ]
            currentValue: 1
            onActivated: value => currentValue = value
        }
    }
    Component {
        id: selectComponent
        Select {
            name: "Type"
            model: [
                {
                    text: "F16",
                    value: "f16"
                },
                {
                    text: "F32",
                    value: "f32"
                }
            ]
        }
    }
    Component {
        id: fieldComponent
        TextField {
            width: 200
            placeholderText: "Port"
        }
    }
    Component {
        id: searchComponent
        SearchField {
            width: 200
            placeholderText: "Find"
        }
    }
    Component {
        id: sliderComponent
        Slider {
            name: "Temperature"
            from: 0
            to: 2
            stepSize: 0.5
        }
    }
    Component {
        id: meterComponent
        Meter {
            width: 200
        }
    }
    Component {
        id: stackComponent
        StackBar {
            width: 280
        }
    }
    Component {
        id: labelComponent
        Label {}
    }
    Component {
        id: toastComponent
        Toast {}
    }
    Component {
        id: dialogComponent
        Dialog {}
    }
    SignalSpy {
        id: spy
    }

    function make(component: Component, properties: var): var {
        const object = createTemporaryObject(component, root, properties);
        verify(object !== null);
        return object;
    }

    function watch(object: var, signalName: string): void {
        spy.target = null;
        spy.signalName = signalName;
        spy.target = object;
        spy.clear();
    }

    function test_button_clicksByMouseAndKeyboard(): void {
        const button = make(buttonComponent, {});
        compare(button.height, 32);
        watch(button, "clicked");
        mouseClick(button);
        compare(spy.count, 1);
        verify(!button.visualFocus);
        button.forceActiveFocus(Qt.TabFocusReason);
        verify(button.visualFocus);
        keyClick(Qt.Key_Space);
        compare(spy.count, 2);
        keyClick(Qt.Key_Return);
        compare(spy.count, 3);
        button.enabled = false;
        mouseClick(button);
        compare(spy.count, 3);
    }
    function test_button_hasAReadableTextColour(): void {
        // A name that QML takes for a signal handler would read as black here.
        const button = make(buttonComponent, {
            kind: Button.Primary
        });
        Theme.isDark = false;
        verify(Qt.colorEqual(button.textColor, "#FFFFFF"));
        Theme.isDark = true;
        verify(Qt.colorEqual(button.textColor, "#0A1F19"));
    }
    function test_targets_areAtLeast28_data(): var {
        return [
            {
                tag: "icon button",
                component: iconButtonComponent
            },
            {
                tag: "switch",
                component: switchComponent
            },
            {
                tag: "radio",
                component: radioComponent
            },
            {
                tag: "segments",
                component: segmentComponent
            },
            {
                tag: "select",
                component: selectComponent
            },
            {
                tag: "slider",
                component: sliderComponent
            }
        ];
    }
    function test_targets_areAtLeast28(row: var): void {
        const control = make(row.component, {});
        verify(control.width >= 28, control.width);
        verify(control.height >= 28, control.height);
        verify(control.Accessible.name.length > 0);
        verify(control.Accessible.role !== Accessible.NoRole);
    }
    function test_segments_moveByArrowsAndStopAtTheEnds(): void {
        const control = make(segmentComponent, {});
        control.forceActiveFocus();
        keyClick(Qt.Key_Right);
        compare(control.currentValue, 2);
        keyClick(Qt.Key_Right);
        compare(control.currentValue, 2);
        keyClick(Qt.Key_Left);
        keyClick(Qt.Key_Left);
        keyClick(Qt.Key_Left);
        compare(control.currentValue, 0);
        mouseClick(control, control.width - 20, control.height / 2);
        compare(control.currentValue, 2);
    }
    function test_select_choosesByKeyboard(): void {
        const control = make(selectComponent, {});
        compare(control.displayText, "F16");
        control.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryVerify(() => control.popup.opened);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryVerify(() => !control.popup.opened);
        compare(control.currentValue, "f32");
        control.selectValue("f16");
        compare(control.displayText, "F16");
    }
    function test_field_showsItsErrorToScreenReaders(): void {
        const field = make(fieldComponent, {
            errorText: "This port is in use"
        });
        compare(field.height, 32);
        compare(field.Accessible.name, "Port");
        compare(field.Accessible.description, "This port is in use");
    }
    function test_searchField_isEmptiedByEscape(): void {
        const field = make(searchComponent, {
            text: "land"
        });
        field.forceActiveFocus();
        keyClick(Qt.Key_Escape);
        compare(field.text, "");
    }
    function test_slider_stepsByKeyboard(): void {
        const slider = make(sliderComponent, {
            value: 1
        });
        slider.forceActiveFocus();
        keyClick(Qt.Key_Right);
        compare(slider.value, 1.5);
    }
    function test_meter_keepsTheLimitInside_data(): var {
        return [
            {
                tag: "measured",
                value: 0.74,
                predicted: -1,
                limitX: 200
            },
            {
                tag: "predicted",
                value: -1,
                predicted: 0.5,
                limitX: 200
            },
            {
                tag: "over",
                value: 1.6,
                predicted: -1,
                limitX: 125
            },
            {
                tag: "unknown",
                value: -1,
                predicted: -1,
                limitX: 200
            }
        ];
    }
    function test_meter_keepsTheLimitInside(row: var): void {
        const meter = make(meterComponent, {
            value: row.value,
            predicted: row.predicted
        });
        compare(meter.limitX, row.limitX);
        compare(meter.isOver, row.value > 1);
    }
    function test_stackBar_neverHidesASmallPart(): void {
        const bar = make(stackComponent, {
            total: 1000,
            segments: [
                {
                    name: "Weights",
                    value: 500,
                    color: "red"
                },
                {
                    name: "Scratch",
                    value: 0.1,
                    color: "blue"
                },
                {
                    name: "None",
                    value: 0,
                    color: "green"
                }
            ]
        });
        compare(bar.shown.length, 2);
        const row = bar.children[0];
        compare(row.children[1].width, 3);
        verify(Math.abs(row.children[0].width - 138) <= 1, row.children[0].width);
    }
    function test_label_isAsHighAsItsLines_data(): var {
        return [
            {
                tag: "Latin",
                text: "one"
            },
            {
                tag: "Chinese",
                text: "一行文字"
            },
            {
                tag: "mixed, two lines",
                text: "one\n一行 two"
            }
        ];
    }
    function test_label_isAsHighAsItsLines(row: var): void {
        const label = make(labelComponent, {
            text: row.text
        });
        compare(label.height, 20 * row.text.split("\n").length);
    }
    function test_toast_showsOneAtATimeAndUndoes(): void {
        const toast = make(toastComponent, {});
        compare(toast.visible, false);
        toast.show("First", "");
        toast.show("Chat moved to the bin", "Undo");
        compare(toast.text, "Chat moved to the bin");
        tryCompare(toast, "opacity", 1);
        watch(toast, "actionTriggered");
        mouseClick(toast, toast.width - 30, toast.height / 2);
        compare(spy.count, 1);
        tryCompare(toast, "visible", false);
    }
    function test_dialog_closesByEscapeAndAcceptsByReturn(): void {
        const dialog = make(dialogComponent, {});
        watch(dialog, "accepted");
        dialog.open();
        tryVerify(() => dialog.opened);
        keyClick(Qt.Key_Return);
        compare(spy.count, 1);
        tryVerify(() => !dialog.opened);
        dialog.open();
        tryVerify(() => dialog.opened);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !dialog.opened);
        compare(spy.count, 1);
    }
    function test_theme_followsTheLanguageInItsNumbers(): void {
        Theme.language = "en";
        compare(Theme.format.percent(0.5), "50\u202f%");
        Theme.language = "zh_CN";
        compare(Theme.format.percent(0.5), "50%");
        Theme.language = "en";
    }
    function test_text_reachesItsContrast_data(): var {
        const rows = [];
        for (const isDark of [true, false])
            for (const surface of ["bg0", "bg1", "bg2", "bg3", "bg4"])
                for (const text of ["t1", "t2", "t3"])
                    rows.push({
                        tag: text + " on " + surface + (isDark ? ", dark" : ", light"),
                        isDark: isDark,
                        surface: surface,
                        text: text
                    });
        return rows;
    }
    // WCAG 2.1 contrast ratio.
    function luminance(colour: color): real {
        const linear = part => part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
        return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b);
    }
    function test_text_reachesItsContrast(row: var): void {
        Theme.isDark = row.isDark;
        const a = luminance(Theme[row.text]);
        const b = luminance(Theme[row.surface]);
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        verify(ratio >= 4.5, ratio);
        Theme.isDark = true;
    }
}
