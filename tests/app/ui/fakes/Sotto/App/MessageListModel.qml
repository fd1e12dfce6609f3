import QtQuick

ListModel {
    enum MessageState {
        Waiting,
        Reading,
        Thinking,
        Writing,
        Done,
        Stopped,
        Failed
    }

    property BlockListModel noBlocks: BlockListModel {}

    function addQuestion(text: string): void {
        append({
            messageId: count + 1,
            isUser: true,
            plainText: text,
            blocks: noBlocks,
            messageState: MessageListModel.Done,
            thinkingText: "",
            thinkingSeconds: 0,
            thinkingTokens: 0,
            versionIndex: 1,
            versionCount: 1,
            tokensPerSecond: 0,
            ttftMs: 0,
            tokenCount: 0,
            reusedTokens: 0,
            stopReason: "",
            errorText: "",
            modelName: "",
            time: new Date(2026, 10, 20),
            isLast: true
        });
    }
}
