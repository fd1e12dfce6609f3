import QtQuick

ListModel {
    enum Source {
        Default,
        App,
        Chat
    }

    property string summary: "0.8"
    property bool isModified: false
    property var calls: []

    signal changed

    function setValue(key: string, value: double): void {
        calls = calls.concat([["setValue", key, value]]);
    }
    function reset(key: string): void {
        calls = calls.concat([["reset", key]]);
    }
    function resetAll(): void {
        calls = calls.concat([["resetAll"]]);
    }

    Component.onCompleted: {
        for (const entry of [["temperature", 0.8, 0, 2, 0.05, 2], ["topK", 40, 0, 500, 1, 0], ["topP", 0.95, 0, 1, 0.01, 2], ["minP", 0.05, 0, 1, 0.01, 2], ["maxTokens", -1, -1, 131072, 64, 0], ["seed", -1, -1, 9007199254740991, 1, 0]])
            append({
                key: entry[0],
                value: entry[1],
                minimum: entry[2],
                maximum: entry[3],
                step: entry[4],
                decimals: entry[5],
                source: entry[0] === "topP" ? SamplingModel.App : SamplingModel.Default
            });
    }
}
