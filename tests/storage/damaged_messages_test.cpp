// A message on a damaged page: shown as such with what can be read, and what can be done about it.
#include "storage/damaged_messages.h"

#include <QFile>
#include <QTest>

#include "storage/api/rescue.h"
#include "storage/sqlite/blob.h"
#include "storage/text_check.h"
#include "tests/storage/library_fixture.h"
#include "tests/storage/test_files.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr qsizetype kPage = 4096;
const std::string kText = "readable start " + std::string(12000, 'M');

}  // namespace

class DamagedMessagesTest : public QObject {
    Q_OBJECT
private slots:
    // question, a long answer whose second page of text leads nowhere, and what was said after it.
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_library = std::make_unique<LibraryFixture>(fileIn(*m_folder));
        VERIFY_OK(library().open());
        std::tie(m_chat, m_question) = library().chatWithMessage("question");
        m_damaged = messages()
                        .add({.chatId = m_chat,
                              .parentId = m_question,
                              .role = MessageRole::Assistant,
                              .content = kText})
                        ->id;
        m_after = messages().add({.chatId = m_chat, .parentId = m_damaged, .content = "after"})->id;
        library().database.reset();
        QByteArray bytes = contentOf(fileIn(*m_folder));
        const qsizetype place = bytes.indexOf(QByteArray(4000, 'M'));
        QVERIFY(place > 0);
        bytes.replace(place / kPage * kPage, 4, QByteArray(4, '\x7f'));
        writeFile(fileIn(*m_folder), bytes);
        VERIFY_OK(library().open());
    }

    void damagedMessage_isShownWithWhatCanBeRead() {
        const auto path = messages().loadPath(m_chat);
        VERIFY_OK(path);
        QCOMPARE(path->size(), std::size_t{3});
        QCOMPARE(path->at(0).content, std::string("question"));
        QCOMPARE(path->at(2).content, std::string("after"));
        QVERIFY(!path->at(0).isDamaged && !path->at(2).isDamaged);
        for (const MessageRecord& damaged : {path->at(1), *messages().get(m_damaged)}) {
            QVERIFY(damaged.isDamaged);
            QVERIFY(damaged.role == MessageRole::Assistant);
            QCOMPARE(damaged.parentId, m_question);
            QCOMPARE(damaged.chatId, m_chat);
            QVERIFY(kText.starts_with(damaged.content));
            QVERIFY2(damaged.content.size() > 300 && damaged.content.size() < kText.size(),
                     std::to_string(damaged.content.size()).c_str());
            QCOMPARE(damaged.readableBytes, std::int64_t(damaged.content.size()));
            QCOMPARE(damaged.totalBytes, std::int64_t(kText.size()));
            QVERIFY(damaged.createdAt > 0);
        }
    }

    // It may be among what a search looks at, with and without the index.
    void search_findsWhatCanBeRead() {
        const MessageId newer =
            messages().add({.chatId = m_chat, .parentId = m_after, .content = "the 2nd after"})->id;
        for (const char* word : {"after", "af"}) {
            const auto hits = library()->search({.text = word});
            VERIFY_OK(hits);
            QCOMPARE(hits->size(), std::size_t{2});
            QCOMPARE(hits->at(0).messageId, newer);
            QCOMPARE(hits->at(1).messageId, m_after);
        }
        for (const char* word : {"readable", "MMM", "MM", "nowhere", "zz"}) {
            VERIFY_OK(library()->search({.text = word}));
            QVERIFY2(library()->search({.text = word})->empty(), word);
        }
        QCOMPARE(library()->search({.text = "question"})->size(), std::size_t{1});
        QCOMPARE(library()->search({.text = "A chat"})->size(), std::size_t{1});
    }

    void replaceDamaged_keepsWhatCanBeRead() {
        const std::string kept = messages().get(m_damaged)->content;
        VERIFY_OK(messages().replaceDamaged(m_damaged, kept));
        VERIFY_OK(library().open());
        const auto path = messages().loadPath(m_chat);
        QCOMPARE(path->size(), std::size_t{3});
        QVERIFY(!path->at(1).isDamaged);
        QCOMPARE(path->at(1).content, kept);
        QVERIFY(path->at(1).role == MessageRole::Assistant);
        QVERIFY(!messages().get(m_damaged)->isDamaged);
        VERIFY_FAILS(messages().replaceDamaged(m_damaged, "x"), ErrorCode::InvalidArgument);
        const auto copy = library()->chats().duplicate(m_chat, "copy");
        VERIFY_OK(copy);
        QCOMPARE(messages().loadPath(copy->id)->at(1).content, kept);
    }

    // The copy would not know that its text is a part.
    void undecidedDamage_isNotCopied() {
        VERIFY_FAILS(library()->chats().duplicate(m_chat, "copy"), ErrorCode::InvalidArgument);
        QCOMPARE(library()->chats().list()->size(), std::size_t{1});
        VERIFY_OK(messages().removeDamaged(m_damaged));
        VERIFY_OK(library()->chats().duplicate(m_chat, "copy"));
    }

    void removeDamaged_joinsWhatStandsAroundIt() {
        VERIFY_OK(messages().removeDamaged(m_damaged));
        VERIFY_OK(library().open());
        const auto path = messages().loadPath(m_chat);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(0).id, m_question);
        QCOMPARE(path->at(1).id, m_after);
        QCOMPARE(path->at(1).parentId, m_question);
        const auto next = messages().add({.chatId = m_chat, .parentId = m_after, .content = "on"});
        VERIFY_OK(next);
        QCOMPARE(messages().loadPath(m_chat)->size(), std::size_t{3});
    }

    void wholeMessages_areNotRepaired() {
        VERIFY_FAILS(messages().replaceDamaged(m_question, "x"), ErrorCode::InvalidArgument);
        VERIFY_FAILS(messages().removeDamaged(m_after), ErrorCode::InvalidArgument);
        VERIFY_FAILS(messages().removeDamaged(1), ErrorCode::NotFound);
    }

    void edit_writesADamagedMessageAgain() {
        const auto version = messages().edit(m_damaged, "written again", 0);
        VERIFY_OK(version);
        VERIFY_OK(library().open());
        const auto path = messages().loadPath(m_chat);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).content, std::string("written again"));
        QCOMPARE(path->at(1).versionCount, 2);
        QCOMPARE(path->at(1).previousVersionId, m_damaged);
        QVERIFY(path->at(1).role == MessageRole::Assistant);
    }

    // As it is asked for again: the damaged row is the shown one and cannot be told otherwise.
    void answerBesideADamagedOne_isShownInItsPlace() {
        const auto answer = messages().beginAnswer({.chatId = m_chat, .parentId = m_question});
        VERIFY_OK(answer);
        VERIFY_OK(messages().appendAnswer(answer->id, "another answer", ""));
        VERIFY_OK(messages().finishAnswer(answer->id, {}));
        for (const bool isReopened : {false, true}) {
            if (isReopened) VERIFY_OK(library().open());
            const auto path = messages().loadPath(m_chat);
            VERIFY_OK(path);
            QCOMPARE(path->size(), std::size_t{2});
            QCOMPARE(path->at(1).id, answer->id);
            QCOMPARE(path->at(1).content, std::string("another answer"));
            QCOMPARE(path->at(1).versionCount, 2);
        }
    }

    // Nothing of the row is left, only its place in the index.
    void lostRow_keepsItsPlaceAndGuessesItsRole() {
        library().database.reset();
        QByteArray bytes = contentOf(fileIn(*m_folder));
        const qsizetype place = bytes.indexOf("readable start");
        bytes.replace(place / kPage * kPage, kPage, QByteArray(kPage, '\x55'));
        writeFile(fileIn(*m_folder), bytes);
        VERIFY_OK(library().open());
        const auto path = messages().loadPath(m_chat);
        VERIFY_OK(path);
        QCOMPARE(path->size(), std::size_t{3});
        QVERIFY(path->at(1).isDamaged);
        QVERIFY(path->at(1).content.empty());
        QVERIFY(path->at(0).role == MessageRole::User);
        QVERIFY(path->at(1).role == MessageRole::Assistant);
        VERIFY_OK(messages().replaceDamaged(m_damaged, "from memory"));
        QCOMPARE(messages().loadPath(m_chat)->at(1).content, std::string("from memory"));
        QVERIFY(messages().loadPath(m_chat)->at(1).role == MessageRole::Assistant);
    }

    void noise_isNotTakenForText() {
        library().database.reset();
        QByteArray bytes = contentOf(fileIn(*m_folder));
        const qsizetype place = bytes.indexOf("question");
        bytes[place + 4] = '\xff';
        writeFile(fileIn(*m_folder), bytes);
        VERIFY_OK(library().open());
        const auto path = messages().loadPath(m_chat);
        QVERIFY(path->at(0).isDamaged);
        QCOMPARE(path->at(0).content, std::string("ques"));
        QCOMPARE(path->at(0).totalBytes, std::int64_t{8});
        QVERIFY(messages().get(m_question)->isDamaged);
        VERIFY_FAILS(library()->chats().duplicate(m_chat, "copy"), ErrorCode::InvalidArgument);
        VERIFY_OK(messages().replaceDamaged(m_question, "ques"));
        QVERIFY(!messages().loadPath(m_chat)->at(0).isDamaged);
    }

    // A page of the table with some short messages: every other one that touches none of them goes,
    // and comes back.
    void remove_ofAMessageNeedsNoOtherPage() {
        constexpr int kMessages = 60;
        std::vector<MessageId> ids;
        const ChatId chat = library()->chats().create({.title = "Short messages"})->id;
        for (int index = 0; index < kMessages; ++index) {
            const bool isAnswer = index % 2 == 1;
            const auto added = messages().add(
                {.chatId = chat,
                 .parentId = ids.empty() ? 0 : ids.back(),
                 .role = isAnswer ? MessageRole::Assistant : MessageRole::User,
                 .content = "short" + std::to_string(index) + "x" + std::string(900, 's')});
            ids.push_back(added->id);
        }
        library().database.reset();
        QByteArray bytes = contentOf(fileIn(*m_folder));
        for (qsizetype place = bytes.indexOf("short30x"); place > 0;
             place = bytes.indexOf("short30x", place / kPage * kPage + kPage))
            bytes.replace(place / kPage * kPage, 4, QByteArray(4, '\x7f'));
        writeFile(fileIn(*m_folder), bytes);
        VERIFY_OK(library().open());
        const auto isReadable = [&](int index) {
            return index < kMessages &&
                   !messages().get(ids[static_cast<std::size_t>(index)])->isDamaged;
        };
        int nRemoved = 0;
        for (int index = 1; index < kMessages; ++index) {
            // A question goes with its answer, and what followed moves to what stands before.
            const int last = index % 2 == 0 ? index + 2 : index + 1;
            bool isApart = isReadable(index - 1);
            for (int near = index; near <= std::min(last, kMessages - 1); ++near)
                isApart = isApart && isReadable(near);
            if (!isApart) continue;
            const auto removed = messages().remove(ids[static_cast<std::size_t>(index)]);
            VERIFY_OK(removed);
            QCOMPARE(removed->rows.size(), std::size_t{index % 2 == 0 ? 2U : 1U});
            VERIFY_OK(messages().restore(*removed));
            ++nRemoved;
        }
        QVERIFY(!isReadable(30));
        QVERIFY2(nRemoved > 45 && nRemoved < 59, qPrintable(QString::number(nRemoved)));
        QCOMPARE(messages().loadPath(chat)->size(), std::size_t{kMessages});
    }

    // What can be deleted of it goes; of the rest nobody sees anything any more.
    void remove_worksForAChatWithADamagedMessage() {
        VERIFY_OK(library()->chats().setDraft(m_chat, "half a reply"));
        VERIFY_OK(library()->chats().moveToBin(m_chat));
        VERIFY_OK(library()->chats().remove(m_chat));
        for (const bool isReopened : {false, true}) {
            if (isReopened) VERIFY_OK(library().open());
            VERIFY_FAILS(library()->chats().get(m_chat), ErrorCode::NotFound);
            QVERIFY(library()->chats().list(true)->empty());
            QVERIFY(library()->chats().list(false)->empty());
            for (const char* word : {"question", "readable", "after", "A chat"})
                QVERIFY2(library()->search({.text = word})->empty(), word);
            QCOMPARE(*library()->chats().binBytes(), std::int64_t{0});
            VERIFY_FAILS(library()->chats().remove(m_chat), ErrorCode::NotFound);
        }
        auto direct = Connection::open({.path = fileIn(*m_folder)});
        for (const MessageId whole : {m_question, m_after}) {
            auto row = direct->query("SELECT length(content) FROM messages WHERE id = ?", whole);
            QVERIFY(row && *row->step());
            QCOMPARE(row->integer(0), std::int64_t{0});
        }
        QCOMPARE(*direct->queryInteger("SELECT count(*) FROM pragma_foreign_key_check"),
                 std::int64_t{0});
        // Nor does a rescue bring it back.
        library().chatWithMessage("other");
        library().database.reset();
        const auto report = rescue(fileIn(*m_folder), fileIn(*m_folder, "new.db"));
        VERIFY_OK(report);
        QCOMPARE(report->chats, 1);
        QCOMPARE(report->totalChats, 1);
    }

    // It must not be out of reach with its words still in the file.
    void remove_ofADamagedChatThatFails_canBeTriedAgain() {
        VERIFY_OK(library()->chats().moveToBin(m_chat));
        library().database.reset();
        auto direct = Connection::open({.path = fileIn(*m_folder)});
        VERIFY_OK(
            direct->execute("CREATE TRIGGER refuse BEFORE UPDATE OF content ON messages"
                            " WHEN old.content = 'after' BEGIN SELECT RAISE(ABORT, 'no'); END"));
        VERIFY_OK(library().open());
        QVERIFY(!library()->chats().remove(m_chat));
        VERIFY_OK(library()->chats().get(m_chat));
        library().database.reset();
        VERIFY_OK(direct->execute("DROP TRIGGER refuse"));
        VERIFY_OK(library().open());
        VERIFY_OK(library()->chats().remove(m_chat));
        VERIFY_FAILS(library()->chats().get(m_chat), ErrorCode::NotFound);
    }

    void emptyBin_takesADamagedChatAsWell() {
        const auto [other, question] = library().chatWithMessage("other");
        VERIFY_OK(library()->chats().moveToBin(m_chat));
        VERIFY_OK(library()->chats().moveToBin(other));
        QCOMPARE(*library()->chats().emptyBin(nowMs() + 1000), 2);
        VERIFY_FAILS(library()->chats().get(other), ErrorCode::NotFound);
        QVERIFY(library()->chats().list(true)->empty());
    }

    void rescue_keepsWhatWasDecided() {
        VERIFY_OK(messages().replaceDamaged(m_damaged, "kept"));
        library().database.reset();
        const auto report = rescue(fileIn(*m_folder), fileIn(*m_folder, "new.db"));
        VERIFY_OK(report);
        QCOMPARE(report->messages, 3);
        QVERIFY(report->incomplete.empty());
        LibraryFixture rescued(fileIn(*m_folder, "new.db"));
        VERIFY_OK(rescued.open());
        QCOMPARE(rescued->messages().loadPath(m_chat)->at(1).content, std::string("kept"));
        QVERIFY(rescued->messages().loadPath(m_chat)->at(1).role == MessageRole::Assistant);

        VERIFY_OK(library().open());
        VERIFY_FAILS(messages().removeDamaged(m_damaged), ErrorCode::InvalidArgument);
    }

    void validTextSize_endsAtNoise() {
        QCOMPARE(validTextSize("汉字", Zeros::End), std::size_t{6});
        QCOMPARE(validTextSize(std::string_view("汉字").substr(0, 5), Zeros::End), std::size_t{3});
        QCOMPARE(validTextSize("ab\x80", Zeros::End), std::size_t{2});
        QCOMPARE(validTextSize("\xc0\xaf", Zeros::End), std::size_t{0});
        QCOMPARE(validTextSize("😀\xf5", Zeros::End), std::size_t{4});
        QCOMPARE(validTextSize(std::string_view("a\0b", 3), Zeros::End), std::size_t{1});
        QCOMPARE(validTextSize(std::string_view("a\0b", 3), Zeros::Allowed), std::size_t{3});
    }

private:
    LibraryFixture& library() { return *m_library; }
    Messages& messages() { return (*m_library)->messages(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<LibraryFixture> m_library;
    ChatId m_chat = 0;
    MessageId m_question = 0;
    MessageId m_damaged = 0;
    MessageId m_after = 0;
};

QTEST_APPLESS_MAIN(DamagedMessagesTest)
#include "damaged_messages_test.moc"
