import QtQuick
import Sotto.App

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
    readonly property bool isBusy: state >= ChatController.Waiting
    property int chatId: 1
    property string title
    property bool isTemporary: false
    property MessageListModel messages
    property SamplingModel sampling
    property string systemPrompt
    property string effectiveSystemPrompt: systemPrompt
    property string draft
    property int usedTokens: 0
    property int draftTokens: 0
    property int contextTokens: 16384
    property double readProgress: 0
    property bool canSend: blockedReason.length === 0 && !isBusy
    property bool canContinue: false
    property bool canRegenerate: !isBusy
    property string blockedReason
    property int thinkingMode: 0
    property bool modelHasThinking: true

    property var calls: [] // what the page asked for, "send:text"
    property var foundRows: []

    signal paragraphFinished(plainText: string)
    signal chatChanged
    signal copied
    signal scrollToRow(row: int)
    signal problem(sentence: string)

    function note(call: string): void {
        calls = calls.concat([call]);
    }
    function send(text: string): bool {
        note("send:" + text);
        if (!canSend)
            return false;
        draft = "";
        return true;
    }
    function stop(): void {
        note("stop");
    }
    function regenerate(): void {
        note("regenerate");
    }
    function regenerateAt(row: int): void {
        note("regenerateAt:" + row);
    }
    function continueAnswer(): void {
        note("continue");
    }
    function edit(row: int, text: string): void {
        note("edit:" + row + ":" + text);
    }
    function showVersion(row: int, offset: int): void {
        note("showVersion:" + row + ":" + offset);
    }
    function copyMessage(row: int): void {
        note("copyMessage:" + row);
    }
    function copyLastAnswer(): void {
        note("copyLastAnswer");
    }
    function copyText(text: string): void {
        note("copyText:" + text);
        copied();
    }
    function openLink(link: url): void {
        note("openLink:" + link);
    }
    function rowOfMessage(messageId: int): int {
        return messageId - 1;
    }
    function findRows(text: string): var {
        return text.length > 0 ? foundRows : [];
    }
    function openMessage(chat: double, message: double): void {
        note("openMessage:" + message);
    }
    function retry(): void {
        note("retry");
    }
}
