import QtQuick

QtObject {
    enum State {
        Empty,
        Idle,
        Waiting,
        Reading,
        Thinking,
        Writing
    }

    property int state: ChatController.Idle
    property bool isBusy: state > ChatController.Idle
    property double chatId: 11
    property string title: "Bank export by month"
    property bool isTemporary: false
    property MessageListModel messages: MessageListModel {}
    property SamplingModel sampling: SamplingModel {}
    property string systemPrompt
    property string effectiveSystemPrompt
    property string draft
    property int usedTokens: 1974
    property int draftTokens: 0
    property int contextTokens: 16384
    property double readProgress: 0
    property bool canSend: true
    property bool canContinue: false
    property bool canRegenerate: true
    property string blockedReason
    property int thinkingMode: 0
    property bool modelHasThinking: false
    property var calls: []

    signal paragraphFinished(plainText: string)
    signal copied
    signal chatChanged
    signal scrollToRow(row: int)
    signal problem(sentence: string)

    function note(name: string, value: var): void {
        calls = calls.concat([[name].concat(Array.from(value))]);
    }
    function send(text: string): bool {
        note("send", [text]);
        return true;
    }
    function stop(): void {
        note("stop", []);
        state = ChatController.Idle;
    }
    function regenerate(): void {
        note("regenerate", []);
    }
    function regenerateAt(row: int): void {
        note("regenerateAt", [row]);
    }
    function continueAnswer(): void {
        note("continueAnswer", []);
    }
    function edit(row: int, text: string): void {
        note("edit", [row, text]);
    }
    function showVersion(row: int, offset: int): void {
        note("showVersion", [row, offset]);
    }
    function copyMessage(row: int): void {
        note("copyMessage", [row]);
    }
    function copyLastAnswer(): void {
        note("copyLastAnswer", []);
    }
    function copyText(text: string): void {
        note("copyText", [text]);
    }
    function openLink(link: string): void {
        note("openLink", [link]);
    }
    function openMessage(chatId: double, messageId: double): void {
        note("openMessage", [chatId, messageId]);
    }
    function rowOfMessage(messageId: double): int {
        return -1;
    }
    function retry(): void {
        note("retry", []);
    }
}
