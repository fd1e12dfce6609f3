// The conversation against a scripted engine and a database in memory: every verb, and what storage
// holds after it.
#include "app/chat/chat_controller.h"

#include <QSignalSpy>
#include <QtTest>

#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

// Milliseconds: a hang, not a disk that is busy while a question is made safe.
constexpr int kPatience = 60'000;

}  // namespace

class ChatControllerTest : public QObject {
    Q_OBJECT

private slots:
    void send_aFirstMessage_createsTheChatAndStoresBothSides() {
        Program program;
        QVERIFY(program.chat().send(QStringLiteral("  Hello there  ")));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        QCOMPARE(program.row(0).text, QStringLiteral("Hello there"));
        QCOMPARE(program.row(1).text, QStringLiteral("This is answer 1."));
        QCOMPARE(program.row(1).state, MessageListModel::Done);
        QTRY_COMPARE_WITH_TIMEOUT(program.stored().size(), std::size_t{2}, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.stored()[1].content, std::string("This is answer 1."),
                                  kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.chat().title(), QStringLiteral("Hello there"), kPatience);
        QCOMPARE(program.facade->chats()->currentChatId(), program.chat().chatId());
    }

    void send_withoutAModel_isRefusedWithAReasonAndKeepsTheDraft() {
        Program program({}, false);
        program.chat().setDraft(QStringLiteral("keep me"));
        QVERIFY(!program.chat().canSend());
        QVERIFY(!program.chat().blockedReason().isEmpty());
        QVERIFY(!program.chat().send(program.chat().draft()));
        QCOMPARE(program.chat().draft(), QStringLiteral("keep me"));
        QCOMPARE(program.rows(), 0);
    }

    // Its end would not let anything be sent.
    void withoutAModel_aComparisonIsNotWhatIsWaitedFor() {
        Program program({}, false);
        const QString reason = program.chat().blockedReason();
        program.facade->models()->setCompared({"/m/a.gguf"});
        QCOMPARE(program.chat().blockedReason(), reason);
        QVERIFY(!program.chat().isCompared());
        program.facade->models()->load(QStringLiteral("/m/a.gguf"));
        QTRY_VERIFY_WITH_TIMEOUT(program.chat().isCompared(), kPatience);
        QVERIFY(program.chat().blockedReason() != reason);
        program.facade->models()->setCompared({});
        QVERIFY(!program.chat().isCompared());
    }

    void secondMessage_carriesTheWholeConversation() {
        Program program;
        program.chat().settings()->layer()->setOwnSystemPrompt(QStringLiteral("Be kind."));
        program.chat().send(QStringLiteral("one"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        program.chat().send(QStringLiteral("two"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 4, kPatience);
        const auto requests = program.engine->requests();
        const auto& prompt = std::get<ChatPrompt>(requests[1].prompt);
        QCOMPARE(prompt.messages.size(), std::size_t{4});
        QCOMPARE(prompt.messages[0].content, std::string("Be kind."));
        QCOMPARE(prompt.messages[3].content, std::string("two"));
    }

    // app → model → chat: what counts is asked for, and the chat's row has only what the chat sets.
    void settings_ofTheThreeLayers_reachTheRequest() {
        Program program;
        SettingsController& settings = *program.facade->settings();
        settings.setSystemPrompt(QStringLiteral("app"));
        settings.sampling()->setValue(QStringLiteral("topK"), 3);
        settings.model()->layer()->setOwnSystemPrompt(QStringLiteral("model"));
        settings.model()->layer()->setThinking(ThinkingSetting::Off);
        QCOMPARE(program.chat().settings()->systemPrompt(), QStringLiteral("model"));
        program.chat().settings()->sampling()->setValue(QStringLiteral("temperature"), 0.25);
        program.chat().send(QStringLiteral("one"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        const auto request = program.engine->requests().front();
        const auto& prompt = std::get<ChatPrompt>(request.prompt);
        QCOMPARE(prompt.messages[0].content, std::string("model"));
        QVERIFY(prompt.isThinking == std::optional(false));
        QCOMPARE(request.sampling.topK, 3);
        QCOMPARE(request.sampling.temperature, 0.25f);
        const qint64 chatId = program.chat().chatId();
        program.chat().settings()->layer()->setOwnSystemPrompt(QStringLiteral("chat"));
        program.chat().settings()->setThinkingMode(1);
        const auto stored = [&] {
            return *program.disk->call([chatId](storage::Database& database) {
                return database.chats().settings(chatId);
            });
        };
        QTRY_COMPARE_WITH_TIMEOUT(
            stored(), std::string(R"({"systemPrompt":"chat","temperature":0.25,"thinking":"on"})"),
            kPatience);
        program.facade->chats()->newChat();
        QCOMPARE(program.chat().settings()->thinkingMode(), 2);
        program.facade->chats()->open(chatId);
        QTRY_COMPARE_WITH_TIMEOUT(program.chat().settings()->layer()->ownSystemPrompt(),
                                  QStringLiteral("chat"), kPatience);
        QCOMPARE(program.chat().settings()->layer()->systemPromptSource(), LayeredSettings::Chat);
        program.chat().settings()->layer()->setOwnSystemPrompt({});
        QCOMPARE(program.chat().settings()->systemPrompt(), QStringLiteral("model"));
        QCOMPARE(program.chat().settings()->layer()->systemPromptSource(), LayeredSettings::Model);
    }

    void stop_inTheMiddle_keepsWhatWasWritten() {
        Program program(slowScript());
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 2 && program.row(1).text.size() > 20, kPatience);
        QCOMPARE(program.chat().state(), ChatController::Writing);
        program.chat().stop();
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle(), kPatience);
        QCOMPARE(program.row(1).state, MessageListModel::Stopped);
        QTRY_COMPARE_WITH_TIMEOUT(QString::fromStdString(program.stored()[1].content),
                                  program.row(1).text, kPatience);
        QVERIFY(program.chat().canContinue());
    }

    void continueAnswer_afterAStop_appendsToTheSameMessage() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        const qint64 id = program.row(1).id;
        program.chat().continueAnswer();
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text,
                                  QStringLiteral("This is answer 1.This is answer 2."), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle(), kPatience);
        QCOMPARE(program.row(1).id, id);
        QCOMPARE(program.rows(), 2);
        QVERIFY(std::get<ChatPrompt>(program.engine->requests()[1].prompt).isContinuing);
        QTRY_COMPARE_WITH_TIMEOUT(QString::fromStdString(program.stored()[1].content),
                                  program.row(1).text, kPatience);
    }

    void regenerate_keepsTheOldVersion() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        program.chat().regenerate();
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("This is answer 2."),
                                  kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.row(1).versionCount == 2, kPatience);
        QCOMPARE(program.row(1).versionIndex, 2);
        program.chat().showVersion(1, -1);
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("This is answer 1."),
                                  kPatience);
        QCOMPARE(program.row(1).versionIndex, 1);
        program.chat().showVersion(1, -1);  // there is none before it
        QTest::qWait(50);
        QCOMPARE(program.row(1).versionIndex, 1);
    }

    void edit_aUserMessage_asksAgainAndKeepsTheOldBranch() {
        Program program;
        program.chat().send(QStringLiteral("frist"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        program.chat().edit(0, QStringLiteral("first"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2 &&
                                     program.row(0).text == QStringLiteral("first"),
                                 kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("This is answer 2."),
                                  kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.row(0).versionCount, 2, kPatience);
        program.chat().showVersion(0, -1);
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("This is answer 1."),
                                  kPatience);
    }

    void edit_anAnswer_makesAVersionWithoutAsking() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        program.chat().edit(1, QStringLiteral("My own words."));
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("My own words."), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).versionCount, 2, kPatience);
        QCOMPARE(program.engine->requests().size(), std::size_t{1});
    }

    void anotherChat_whileWriting_doesNotDisturbTheAnswer() {
        FakeScript script;
        script.tokenDelay = std::chrono::milliseconds(20);
        script.answer = [](const GenerationRequest&, int) {
            return std::vector<FakeToken>(30, FakeToken{"w ", {}});
        };
        Program program(script);
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 2 && !program.row(1).text.isEmpty(), kPatience);
        const qint64 writing = program.chat().chatId();
        program.facade->chats()->newChat();
        QCOMPARE(program.rows(), 0);
        QVERIFY(program.isIdle());
        QTest::qWait(200);
        program.facade->chats()->open(writing);
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 2, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("w ").repeated(30),
                                  kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle(), kPatience);
    }

    void draft_isKeptPerChat() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        const qint64 first = program.chat().chatId();
        program.chat().setDraft(QStringLiteral("half a thought"));
        program.facade->chats()->newChat();
        QTRY_COMPARE_WITH_TIMEOUT(program.chat().draft(), QString(), kPatience);
        program.chat().setDraft(QStringLiteral("another"));
        program.facade->chats()->open(first);
        QTRY_COMPARE_WITH_TIMEOUT(program.chat().draft(), QStringLiteral("half a thought"),
                                  kPatience);
        program.facade->chats()->newChat();
        QTRY_COMPARE_WITH_TIMEOUT(program.chat().draft(), QStringLiteral("another"), kPatience);
    }

    void temporaryChat_neverReachesTheDisk() {
        Program program;
        program.facade->chats()->newTemporaryChat();
        QVERIFY(program.chat().isTemporary());
        program.chat().send(QStringLiteral("secret"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        const auto chats =
            program.disk->call([](storage::Database& database) { return database.chats().list(); });
        QVERIFY(chats->empty());
    }

    void temporaryChat_leftAfterARemoval_offersNoOlderUndo() {
        Program program;
        ChatListModel& chats = *program.facade->chats();
        program.chat().send(QStringLiteral("kept"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        const qint64 kept = program.chat().chatId();
        QTRY_VERIFY_WITH_TIMEOUT(chats.knows(kept), kPatience);
        chats.remove(kept);
        QTRY_VERIFY_WITH_TIMEOUT(chats.canUndo() && chats.isInBin(kept), kPatience);
        chats.newTemporaryChat();
        program.chat().send(QStringLiteral("secret"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        program.chat().removeMessage(0);
        QTRY_VERIFY_WITH_TIMEOUT(chats.undoText().contains(QStringLiteral("removed")), kPatience);
        chats.newChat();
        QVERIFY2(!chats.canUndo(), qPrintable(chats.undoText()));
        // The step before it is still there for who asks for it.
        chats.undo();
        QTRY_VERIFY_WITH_TIMEOUT(!chats.isInBin(kept), kPatience);
    }

    void failedAnswer_saysWhyAndCanBeRetried() {
        FakeScript script;
        script.generationError = Error{ErrorCode::ContextFull,
                                       "The conversation has 9 tokens, the context holds 4.",
                                       {},
                                       9,
                                       4};
        Program program(script);
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(
            program.rows() == 2 && program.row(1).state == MessageListModel::Failed, kPatience);
        QVERIFY(
            program.role(1, MessageListModel::ErrorTextRole).toString().contains(QLatin1Char('9')));
        QVERIFY(program.chat().canRegenerate());
    }

    // Stored are code and numbers; the sentence is that of the language the window speaks now.
    void failedAnswer_isStoredAsCodeAndNumbersAndFollowsTheLanguage() {
        FakeScript script;
        script.generationError = Error{ErrorCode::ContextFull, "Too long by half.", {}, 9, 4};
        Program program(script);
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(
            program.rows() == 2 && program.row(1).state == MessageListModel::Failed, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.stored()[1].state, storage::MessageState::Failed,
                                  kPatience);
        const storage::MessageRecord record = program.stored()[1];
        QVERIFY(record.failure.has_value());
        QCOMPARE(record.failure->code, ErrorCode::ContextFull);
        QCOMPARE(record.failure->needed, std::uint64_t{9});
        QCOMPARE(record.failure->available, std::uint64_t{4});
        QCOMPARE(record.error, std::string());
        const qint64 chatId = program.chat().chatId();
        program.chats().newChat();
        program.chats().open(chatId);
        QTRY_COMPARE_WITH_TIMEOUT(program.rows(), 2, kPatience);
        QCOMPARE(program.role(1, MessageListModel::ErrorTextRole).toString(),
                 QStringLiteral("Too long by half."));
        const QLocale before;
        const auto restore = qScopeGuard([before] { QLocale::setDefault(before); });
        QSignalSpy changes(&program.messages(), &MessageListModel::dataChanged);
        QEvent change(QEvent::LanguageChange);
        QCoreApplication::sendEvent(QCoreApplication::instance(), &change);
        QLocale::setDefault(QLocale(QLocale::Chinese));
        QTRY_VERIFY_WITH_TIMEOUT(!changes.empty(), kPatience);
        QVERIFY(changes.last()[2].value<QList<int>>().contains(MessageListModel::ErrorTextRole));
        const QString sentence = program.role(1, MessageListModel::ErrorTextRole).toString();
        QVERIFY(sentence != QStringLiteral("Too long by half."));
        QVERIFY(sentence.contains(QLatin1Char('9')) && sentence.contains(QLatin1Char('4')));
    }

    // An answer that failed in an older version has a sentence and no code.
    void oldFailedAnswer_showsItsSentenceAsText() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        Message old = program.row(1);
        old.state = MessageListModel::Failed;
        old.error = QStringLiteral("磁盘已满。");
        program.messages().replace(1, old);
        QCOMPARE(program.role(1, MessageListModel::ErrorTextRole).toString(), old.error);
    }

    // The path that storage is asked for when an answer begins must not overwrite an end that came
    // before it.
    void failedAnswer_staysFailedAfterThePathWasRead() {
        FakeScript script;
        script.generationError = Error{ErrorCode::BadTemplate, "The template failed.", {}, 0, 0};
        Program program(script);
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(
            program.rows() == 2 && program.row(1).state == MessageListModel::Failed, kPatience);
        QTest::qWait(200);
        QCOMPARE(program.row(1).state, MessageListModel::Failed);
        QVERIFY(program.isIdle());
    }

    void send_thenAnotherChatAtOnce_answersInTheFirst() {
        Program program;
        program.chat().settings()->layer()->setOwnSystemPrompt(QStringLiteral("First."));
        QVERIFY(program.chat().send(QStringLiteral("go")));
        QVERIFY(program.chat().isBusy());
        QVERIFY(!program.chat().send(QStringLiteral("twice")));
        const qint64 first = program.chat().chatId();
        program.facade->chats()->newTemporaryChat();
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->requests().size(), std::size_t{1}, kPatience);
        const auto requests = program.engine->requests();
        const auto& prompt = std::get<ChatPrompt>(requests[0].prompt);
        QCOMPARE(prompt.messages[0].content, std::string("First."));
        QCOMPARE(program.rows(), 0);
        QTest::qWait(100);
        program.facade->chats()->open(first);
        QTRY_COMPARE_WITH_TIMEOUT(program.rows(), 2, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("This is answer 1."),
                                  kPatience);
    }

    void edit_whileWriting_isRefused() {
        Program program(slowScript());
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 2 && !program.row(1).text.isEmpty(), kPatience);
        QVERIFY(!program.chat().edit(0, QStringLiteral("other")));
        program.chat().stop();
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle(), kPatience);
        QVERIFY(program.chat().edit(0, QStringLiteral("other")));
    }

    void thinking_isKeptApart_data() {
        QTest::addColumn<int>("delayMs");
        QTest::newRow("told at once") << 0;
        QTest::newRow("told one by one") << 50;  // longer than a frame
    }
    void thinking_isKeptApart() {
        QFETCH(int, delayMs);
        FakeScript script;
        script.tokenDelay = std::chrono::milliseconds(delayMs);
        script.answer = [](const GenerationRequest&, int) {
            return std::vector<FakeToken>{{"hm ", TextKind::Thinking},
                                          {"so", TextKind::Thinking},
                                          {"", {}},  // no text: it counts as what comes next
                                          {"Yes.", {}}};
        };
        Program program(script);
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        QCOMPARE(program.row(1).thinking, QStringLiteral("hm so"));
        QCOMPARE(program.row(1).text, QStringLiteral("Yes."));
        QCOMPARE(program.row(1).stats.thinkingTokens, 2);
    }

    void thinking_whoseBeginningWasNotSeen_isMovedThere() {
        FakeScript script;
        script.tokenDelay = std::chrono::milliseconds(20);
        script.answer = [](const GenerationRequest&, int nth) {
            if (nth == 2) return std::vector<FakeToken>{{"so", {}}, {"No", {}, true}};
            return std::vector<FakeToken>{
                {"hm ", {}}, {"\xC3\xA9", {}}, {"Yes", {}, true}, {".", {}}};
        };
        Program program(script);
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        QCOMPARE(program.row(1).thinking, QStringLiteral("hm \u00e9"));
        QCOMPARE(program.row(1).text, QStringLiteral("Yes."));
        QCOMPARE(program.row(1).stats.thinkingTokens, 2);
        const double seconds = program.row(1).stats.thinkingSeconds;
        // What is thought when it goes on comes on top.
        program.chat().continueAnswer();
        QTRY_VERIFY_WITH_TIMEOUT(
            program.isIdle() && program.row(1).text == QStringLiteral("Yes.No"), kPatience);
        QCOMPARE(program.row(1).stats.thinkingTokens, 3);
        // Not less: where both tokens arrive at once, as on a busy machine, they took no time.
        QVERIFY(program.row(1).stats.thinkingSeconds >= seconds);
    }

    void thinking_thatGoesOn_addsToTheTimeBefore() {
        FakeScript script;
        script.tokenDelay = std::chrono::milliseconds(50);
        script.answer = [](const GenerationRequest&, int nth) {
            const std::size_t nThoughts = nth == 2 ? 2 : 20;
            std::vector<FakeToken> tokens(nThoughts, {"hm ", TextKind::Thinking});
            tokens.push_back({"Yes.", {}});
            return tokens;
        };
        Program program(script);
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        const double seconds = program.row(1).stats.thinkingSeconds;
        program.chat().continueAnswer();
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("Yes.Yes."), kPatience);
        QCOMPARE(program.row(1).stats.thinkingTokens, 22);
        QVERIFY(program.row(1).stats.thinkingSeconds >= seconds);
    }

    void refusedSystemPrompt_isToldOncePerModel_whereThereIsOne() {
        FakeScript script;
        script.describe = [](ModelInfo& info) { info.systemRole = SystemRole::Refused; };
        Program program(script);
        ChatController& chat = program.chat();
        QSignalSpy told(&chat, &ChatController::promptNoticeChanged);
        QCOMPARE(program.facade->models()->notice(), QString());
        QCOMPARE(chat.promptNotice(), QString());
        chat.settings()->layer()->setOwnSystemPrompt(QStringLiteral("Be kind."));
        QVERIFY(chat.promptNotice().startsWith(QStringLiteral("This model's chat template")));
        QVERIFY(told.count() > 0);
        // It stays until it is read, in each chat that has a prompt.
        chat.send(QStringLiteral("one"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        QVERIFY(!chat.promptNotice().isEmpty());
        program.chats().newChat();
        QCOMPARE(chat.promptNotice(), QString());  // it has none
        program.facade->settings()->setSystemPrompt(QStringLiteral("Be brief."));
        QVERIFY(!chat.promptNotice().isEmpty());
        chat.dismissPromptNotice();
        QCOMPARE(chat.promptNotice(), QString());
        program.chats().newTemporaryChat();
        QCOMPARE(chat.promptNotice(), QString());
        // Another model that refuses it, and one that takes it.
        ModelController& models = *program.facade->models();
        models.unload();
        QTRY_COMPARE_WITH_TIMEOUT(models.state(), ModelController::NoModel, kPatience);
        models.load(QStringLiteral("/other.gguf"));
        QTRY_COMPARE_WITH_TIMEOUT(models.state(), ModelController::Loaded, kPatience);
        QVERIFY(!chat.promptNotice().isEmpty());
        program.engine->change([](FakeScript& changed) { changed.describe = {}; });
        models.unload();
        QTRY_COMPARE_WITH_TIMEOUT(models.state(), ModelController::NoModel, kPatience);
        models.load(QStringLiteral("/takes.gguf"));
        QTRY_COMPARE_WITH_TIMEOUT(models.state(), ModelController::Loaded, kPatience);
        QCOMPARE(chat.promptNotice(), QString());
    }

    void refusedSystemPrompt_thatWasRead_isNotToldAtTheNextStart() {
        FakeScript script;
        script.describe = [](ModelInfo& info) { info.systemRole = SystemRole::Refused; };
        QTemporaryDir folder;
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        {
            Program program(script, true, options);
            program.facade->settings()->setSystemPrompt(QStringLiteral("Be brief."));
            QVERIFY(!program.chat().promptNotice().isEmpty());
            program.chat().dismissPromptNotice();
            program.facade->settings()->saveNow();
        }
        Program program(script, true, options);
        QCOMPARE(program.facade->settings()->systemPrompt(), QStringLiteral("Be brief."));
        QCOMPARE(program.chat().promptNotice(), QString());
    }

    void openMessage_onAnotherBranch_showsIt() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.rows() == 2, kPatience);
        const qint64 old = program.row(1).id;
        program.chat().regenerate();
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle() && program.row(1).versionIndex == 2, kPatience);
        QSignalSpy scrolled(&program.chat(), &ChatController::scrollToRow);
        program.chat().openMessage(program.chat().chatId(), old);
        QTRY_COMPARE_WITH_TIMEOUT(scrolled.count(), 1, kPatience);
        QCOMPARE(scrolled[0][0].toInt(), 1);
        QCOMPARE(program.row(1).id, old);
    }
};

QTEST_MAIN(ChatControllerTest)
#include "chat_controller_test.moc"
