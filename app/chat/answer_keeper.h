// AnswerKeeper: answers on their way into storage: begun, appended to, ended.
//
// An answer that storage could not begin or end is stored as a whole; when even that fails, storage
// keeps it in memory and writes it again. Borrows the bridges. GUI thread only.
#pragma once

#include <QObject>
#include <QStringList>
#include <map>
#include <string>
#include <vector>

#include "app/bridge/storage_bridge.h"
#include "app/chat/message.h"

namespace sotto::app {

class AnswerKeeper : public QObject {
    Q_OBJECT

public:
    explicit AnswerKeeper(QObject* parent = nullptr);

    // With what it has so far; again where storage could not do it before.
    void begin(const Message& answer, StorageBridge& storage);
    void reopen(const Message& answer, StorageBridge& storage);  // to be continued
    void append(qint64 messageId, const std::string& text, const std::string& thinking);
    void turnToThinking(qint64 messageId, qint64 nBytes);  // the last ones of its text
    void end(const Message& answer);
    // Its chat goes, and nothing of it is to be stored any more.
    void forget(qint64 chatId);

    // Ended answers of this chat that storage does not have yet.
    std::vector<Message> unstoredIn(qint64 chatId) const;
    // This storage could not begin the answer: it is kept here alone until it has ended.
    bool isUnbegun(qint64 messageId, const StorageBridge& storage) const;
    // Storage has a row of it: it has said so, or the answer is none of those that are kept here.
    bool hasRow(qint64 messageId) const;
    // Not ended yet, or its end is on its way to this storage.
    bool isWrittenTo(qint64 messageId, const StorageBridge& storage) const;
    // Texts of ended answers that this storage has in memory only, as far as is known.
    QStringList unwritten(const StorageBridge& storage) const;
    void forgetUnwritten() { m_unwritten.clear(); }  // all of it is on the disk now

signals:
    void begun(const sotto::app::StorageBridge* storage);  // it has one more answer's row
    void storedWhole(qint64 chatId);  // storage did not have the answer and has it now

private:
    struct Entry {
        StorageBridge* storage = nullptr;
        Message message;      // whole, once it has ended
        bool isOpen = true;   // in storage
        bool hasRow = false;  // there, as far as it has answered
        bool isEnded = false;
        quint64 run = 0;  // which writing of it this is; outcomes of older ones are dropped
    };

    Entry* entryOf(qint64 messageId, quint64 run);  // null: it is stored, or written anew
    void noteUnopened(qint64 messageId, quint64 run);
    void takeEnd(qint64 messageId, quint64 run, const Status& status);
    void storeWhole(const Entry& entry);
    void noteUnwritten(const Entry& entry, const Status& status);

    std::map<qint64, Entry> m_entries;    // by message
    std::map<qint64, Entry> m_unwritten;  // storage tries to write them each second
    quint64 m_nRuns = 0;
};

}  // namespace sotto::app
