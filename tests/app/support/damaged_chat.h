// A chat whose answer a bad disk has damaged, in a database that is otherwise whole.
#pragma once

#include <QFile>
#include <QString>
#include <string>

#include "storage/api/rescue.h"
#include "storage/api/storage.h"

namespace sotto::app {

// Question, damaged answer, question: the answer lies on overflow pages whose chain is broken. The
// id of the chat; what cannot be prepared ends the program.
inline qint64 makeDamagedChat(const storage::StorageOptions& options,
                              const std::string& answer = "start " + std::string(12000, 'M')) {
    qint64 chatId = 0;
    {
        auto storage = storage::Storage::open(options);
        if (!storage) qFatal("%s", storage.error().message.c_str());
        const auto made = (*storage)->call([&](storage::Database& database) -> Status {
            SOTTO_ASSIGN(const auto chat, database.chats().create({}));
            chatId = chat.id;
            SOTTO_ASSIGN(const auto first,
                         database.messages().add({.chatId = chat.id, .content = "before"}));
            SOTTO_ASSIGN(const auto damaged,
                         database.messages().add({.chatId = chat.id,
                                                  .parentId = first.id,
                                                  .role = storage::MessageRole::Assistant,
                                                  .content = answer}));
            auto last = database.messages().add(
                {.chatId = chat.id, .parentId = damaged.id, .content = "after"});
            return last ? Status() : fail(last.error());
        });
        if (!made) qFatal("%s", made.error().message.c_str());
    }
    QFile file(QString::fromStdString(options.path.string()));
    if (!file.open(QIODevice::ReadWrite)) qFatal("the database is not there");
    const qsizetype place = file.readAll().indexOf(QByteArray(4000, 'M'));
    if (place < 0) qFatal("the answer is not on pages of its own");
    file.seek(place / 4096 * 4096);  // the number of the next page stands first
    file.write("\x7f\x7f\x7f\x7f", 4);
    return chatId;
}

// The same chat as a rescue leaves it: every row is whole, and the answer is a part.
inline qint64 makeRescuedChat(const storage::StorageOptions& options,
                              const std::string& answer = "start " + std::string(12000, 'M')) {
    const qint64 chatId = makeDamagedChat(options, answer);
    const auto aside = storage::setDatabaseAside(options.path);
    if (!aside) qFatal("%s", aside.error().message.c_str());
    const auto report = storage::rescue(*aside, options.path);
    if (!report) qFatal("%s", report.error().message.c_str());
    return chatId;
}

}  // namespace sotto::app
