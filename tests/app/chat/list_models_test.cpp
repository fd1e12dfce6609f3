// The item models keep Qt's rules through every change (QAbstractItemModelTester aborts the test
// otherwise).
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>
#include <cmath>

#include "app/chat/block_list_model.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/message.h"
#include "app/chat/message_conversion.h"
#include "app/chat/message_list_model.h"
#include "app/chat/search_model.h"
#include "app/models/model_list_model.h"
#include "app/settings/sampling_model.h"
#include "app/system/translation.h"

using namespace sotto;
using namespace sotto::app;

namespace {

Message message(qint64 id, const char* text) {
    Message made;
    made.id = id;
    made.text = QString::fromUtf8(text);
    return made;
}

std::unique_ptr<storage::Storage> memoryStorage() {
    return std::move(*storage::Storage::open(storage::StorageOptions::inMemory()));
}

QStringList titles(const ChatListModel& model) {
    QStringList list;
    for (int row = 0; row < model.rowCount(); ++row)
        if (model.data(model.index(row), ChatListModel::KindRole).toInt() != ChatListModel::Section)
            list.append(model.data(model.index(row), ChatListModel::TitleRole).toString());
    return list;
}

}  // namespace

class ListModelsTest : public QObject {
    Q_OBJECT

private slots:
    void blocks_whileTextGrowsAndShrinks_followIt() {
        BlockListModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy changed(&model, &BlockListModel::dataChanged);
        QSignalSpy inserted(&model, &BlockListModel::rowsInserted);
        model.setSource(QStringLiteral("one"));
        model.setSource(QStringLiteral("one\n\ntwo"));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(inserted.count(), 2);
        QCOMPARE(changed.count(), 0);  // the first block was left alone
        model.setSource(QStringLiteral("one\n\ntwo and more"));
        QCOMPARE(changed.count(), 1);
        model.setSource(QStringLiteral("one\n\n```c\nx\n```\n\n# h"));
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.data(model.index(1), BlockListModel::KindRole).toInt(),
                 int(BlockListModel::Code));
        model.setSource({});
        QCOMPARE(model.rowCount(), 0);
    }

    void messages_updated_keepTheRowsThatStay() {
        MessageListModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.reset({message(1, "a"), message(2, "b"), message(3, "c")});
        QSignalSpy removed(&model, &MessageListModel::rowsRemoved);
        auto* blocks =
            model.data(model.index(1), MessageListModel::BlocksRole).value<BlockListModel*>();
        QVERIFY(blocks != nullptr);
        model.update({message(1, "a"), message(2, "b2"), message(4, "d")});
        QCOMPARE(removed.count(), 1);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.data(model.index(1), MessageListModel::BlocksRole).value<BlockListModel*>(),
                 blocks);
        QCOMPARE(blocks->data(blocks->index(0), BlockListModel::TextRole).toString(),
                 QStringLiteral("b2"));
        QCOMPARE(model.rowOf(4), 2);
        QCOMPARE(model.rowOf(3), -1);
        QVERIFY(model.data(model.index(2), MessageListModel::IsLastRole).toBool());
        QVERIFY(!model.data(model.index(1), MessageListModel::IsLastRole).toBool());
    }

    void chatList_throughALife_showsWhatStorageHas() {
        const auto storage = memoryStorage();
        StorageBridge bridge(*storage);
        ChatListModel model(bridge);
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(model.isEmpty());
        for (const char* title : {"first", "second"})
            QVERIFY(storage->call([title](storage::Database& database) {
                return database.chats().create({0, 0, title, {}, "{}"});
            }));
        model.refresh();
        QTRY_COMPARE(titles(model).size(), 2);
        const qint64 first = idOf(model, "first");
        model.newFolder(QStringLiteral("Work"));
        QTRY_COMPARE(model.folders().size(), 1);
        const qint64 folder = model.folders()[0].toMap()["folderId"].toLongLong();
        model.moveToFolder(first, folder);
        QTRY_COMPARE(titles(model), (QStringList{"Work", "first", "second"}));
        model.toggleFolder(folder);
        QCOMPARE(titles(model), (QStringList{"Work", "second"}));
        model.removeFolder(folder);
        QTRY_COMPARE(titles(model).size(), 2);
        model.undo();
        QTRY_COMPARE(titles(model), (QStringList{"Work", "second"}));  // closed, as it was
        model.toggleFolder(folder);
        QTRY_COMPARE(titles(model), (QStringList{"Work", "first", "second"}));
        model.setPinned(first, true);
        QTRY_COMPARE(titles(model), (QStringList{"first", "Work", "second"}));
        model.rename(first, QStringLiteral(" renamed "));
        QTRY_COMPARE(titles(model).front(), QStringLiteral("renamed"));
        model.remove(first);
        QTRY_COMPARE(titles(model), (QStringList{"Work", "second"}));
        QTRY_COMPARE(model.undoText(), QStringLiteral("“renamed” moved to the bin"));
        QVERIFY(model.canUndo());
        model.undo();
        QTRY_COMPARE(titles(model).front(), QStringLiteral("renamed"));
        QVERIFY(!model.canUndo());
    }

    // Headings are rows like the others and speak the language of the window, also after a change.
    void chatList_headings_areInTheLanguageOfTheWindow() {
        const auto storage = memoryStorage();
        StorageBridge bridge(*storage);
        ChatListModel model(bridge);
        QVERIFY(storage->call([](storage::Database& database) {
            return database.chats().create({0, 0, "first", {}, "{}"});
        }));
        model.refresh();
        QTRY_COMPARE(model.rowCount(), 2);
        const auto heading = [&model] {
            return model.data(model.index(0), ChatListModel::TitleRole).toString();
        };
        QCOMPARE(heading(), QStringLiteral("Today"));
        QSignalSpy changed(&model, &ChatListModel::dataChanged);
        Translation translation;
        translation.setSetting("zh_CN");
        QTRY_VERIFY(!changed.isEmpty());
        QCOMPARE(heading(), QStringLiteral("今天"));
        translation.setSetting("en");
        QTRY_COMPARE(heading(), QStringLiteral("Today"));
    }

    void message_end_saysWhyAndWhetherThereIsMore_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isCutShort");
        QTest::newRow("endOfText") << QString() << false;
        QTest::newRow("stopString") << QStringLiteral("stopped at a stop string") << false;
        QTest::newRow("maxTokens") << QStringLiteral("stopped at the token limit") << true;
        QTest::newRow("contextFull") << QStringLiteral("stopped, the context is full") << true;
        QTest::newRow("cancelled") << QStringLiteral("stopped by you") << true;
        QTest::newRow("of a later version") << QString() << false;
    }

    void message_end_saysWhyAndWhetherThereIsMore() {
        QFETCH(QString, text);
        QFETCH(bool, isCutShort);
        MessageListModel model;
        Message ended = message(1, "words");
        ended.stats.stopReason = QString::fromUtf8(QTest::currentDataTag());
        model.append(ended);
        const QStringList figures =
            model.data(model.index(0), MessageListModel::FiguresRole).toStringList();
        QCOMPARE(figures, text.isEmpty() ? QStringList() : QStringList(text));
        QCOMPARE(model.data(model.index(0), MessageListModel::IsCutShortRole).toBool(), isCutShort);
    }

    void message_figures_areThoseThatAreKnown() {
        MessageListModel model;
        Message answer = message(1, "words");
        answer.stats.tokensPerSecond = 172.4;
        answer.stats.ttftMs = 33438;
        answer.stats.tokens = 642;
        answer.stats.promptTokens = 2100;
        answer.stats.reusedTokens = 1974;
        answer.stats.stopReason = QStringLiteral("maxTokens");
        model.append(answer);
        const auto figures = [&model] {
            return model.data(model.index(0), MessageListModel::FiguresRole).toStringList();
        };
        QCOMPARE(figures(), QStringList({QStringLiteral("172 tok/s"), QStringLiteral("TTFT 33.4 s"),
                                         QStringLiteral("642 tokens"),
                                         QStringLiteral("prompt 2,100 tokens, 1,974 from memory"),
                                         QStringLiteral("stopped at the token limit")}));
        answer.stats.restoredTokens = 100;
        model.replace(0, answer);
        QCOMPARE(figures().at(3),
                 QStringLiteral("prompt 2,100 tokens, 1,974 from memory, 100 from disk"));
        answer.stats.draftGain = 1.87;
        model.replace(0, answer);
        QCOMPARE(figures().at(1), QStringLiteral("1.9× plain"));
        RequestStats measured;
        measured.draftSteps = 40;
        measured.draftAccepted = 84;
        measured.draftGain = 1.87;
        applyStats(answer.stats, measured, "");
        model.replace(0, answer);
        QVERIFY(figures().contains(QStringLiteral("1.9× plain, 3.1 tokens per step")));
        answer.stats = {};
        answer.stats.tokens = 12;
        model.replace(0, answer);
        QCOMPARE(figures(), QStringList(QStringLiteral("12 tokens")));
    }

    // One command with one id: a folder of the same name and another window's change in between
    // cannot take the chat elsewhere.
    void newFolder_forAChat_takesItInside() {
        const auto storage = memoryStorage();
        StorageBridge bridge(*storage);
        ChatListModel model(bridge);
        QVERIFY(storage->call([](storage::Database& database) {
            return database.chats().create({0, 0, "letter", {}, "{}"});
        }));
        model.newFolder(QStringLiteral("Work"));
        QTRY_COMPARE(model.folders().size(), 1);
        const qint64 older = model.folders()[0].toMap()["folderId"].toLongLong();
        QTRY_COMPARE(titles(model).size(), 2);
        model.newFolder(QStringLiteral(" Work "), idOf(model, "letter"));
        QTRY_COMPARE(model.folders().size(), 2);
        const auto chats =
            storage->call([](storage::Database& database) { return database.chats().list(); });
        QVERIFY(chats && chats->size() == 1);
        QVERIFY(chats->front().folderId != 0 && chats->front().folderId != older);
        model.newFolder(QStringLiteral("  "), idOf(model, "letter"));
        const auto folders =
            storage->call([](storage::Database& database) { return database.folders().list(); });
        QCOMPARE(folders->size(), std::size_t{2});
        QCOMPARE(folders->back().name, std::string("Work"));
    }

    // Rows of what was typed before must not be opened by the Enter of what is typed now.
    void search_enter_waitsForTheHitsOfWhatWasTyped() {
        const auto storage = memoryStorage();
        StorageBridge bridge(*storage);
        QVERIFY(storage->call([](storage::Database& database) -> Status {
            for (const qint64 chatId : {1, 2, 3})
                SOTTO_TRY(database.chats().create(
                    {.id = chatId, .title = chatId == 1 ? "apples" : "pears"}));
            return {};
        }));
        SearchModel model(bridge);
        QSignalSpy chosen(&model, &SearchModel::chosen);
        model.setQuery(QStringLiteral("apples"));
        model.choose(0);  // before there is any row
        QTRY_COMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].toDouble(), 1.0);
        QVERIFY(!model.isCut());
        model.setQuery(QStringLiteral("pears"));
        QCOMPARE(model.rowCount(), 1);  // still those of "apples"
        model.choose(0);
        QCOMPARE(chosen.count(), 1);
        QTRY_COMPARE(chosen.count(), 2);
        QVERIFY(chosen[1][0].toDouble() > 1);
        // Typing on takes it back, and of no hits none is opened.
        model.setQuery(QStringLiteral("apple"));
        model.choose(0);
        model.setQuery(QStringLiteral("nothing like it"));
        QTRY_VERIFY(!model.isSearching());
        model.choose(0);
        QTest::qWait(0);
        QCOMPARE(chosen.count(), 2);
    }

    void search_moreHitsThanRows_areMarkedAsCut() {
        const auto storage = memoryStorage();
        StorageBridge bridge(*storage);
        QVERIFY(storage->call([](storage::Database& database) -> Status {
            for (int chat = 0; chat < 51; ++chat)
                SOTTO_TRY(database.chats().create({.title = "pears"}));
            return {};
        }));
        SearchModel model(bridge);
        model.setQuery(QStringLiteral("pears"));
        QTRY_VERIFY(!model.isSearching());
        QCOMPARE(model.rowCount(), 50);
        QVERIFY(model.isCut());
        model.setQuery(QStringLiteral("  "));
        QVERIFY(!model.isCut());
    }

    void search_typedText_findsMessages() {
        const auto storage = memoryStorage();
        StorageBridge bridge(*storage);
        QVERIFY(storage->call([](storage::Database& database) -> Status {
            auto chat = database.chats().create({0, 0, "Bread", {}, "{}"});
            storage::NewMessage row;
            row.chatId = chat->id;
            row.content = "Why is the <dough> sticky?";
            auto added = database.messages().add(row);
            return added ? Status() : fail(added.error());
        }));
        SearchModel model(bridge);
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setQuery(QStringLiteral("dough"));
        QVERIFY(model.isSearching());
        QTRY_COMPARE(model.rowCount(), 1);
        const QString snippet = model.data(model.index(0), SearchModel::SnippetRole).toString();
        QVERIFY2(snippet.contains("<b>dough</b>") && snippet.contains("&lt;"), qPrintable(snippet));
        model.setQuery({});
        QCOMPARE(model.rowCount(), 0);
    }

    void messages_asMarkdown_nameTheSpeakers() {
        MessageListModel model;
        Message question = message(1, "Why?");
        question.role = MessageListModel::User;
        Message answer = message(2, "**Because.**");
        answer.role = MessageListModel::Assistant;
        QCOMPARE(model.asMarkdown(), QString());
        model.reset({question, answer});
        QCOMPARE(model.asMarkdown(),
                 QStringLiteral("### You\n\nWhy?\n\n### Answer\n\n**Because.**"));
    }

    void sampling_typedText_isReadAsAPersonMeansIt_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("value");
        QTest::newRow("point") << "temperature"
                               << "0.25" << 0.25;
        QTest::newRow("comma") << "temperature"
                               << " 0,25 " << 0.25;
        QTest::newRow("three places") << "topP"
                                      << "0,125" << 0.125;
        QTest::newRow("beyond what a slider covers") << "maxTokens"
                                                     << "20000" << 20000.0;
        QTest::newRow("no limit, after a number") << "maxTokens"
                                                  << "" << -1.0;
        QTest::newRow("grouped") << "maxTokens"
                                 << "16,384" << 16384.0;
        QTest::newRow("grouped by spaces") << "maxTokens"
                                           << "1 024" << 1024.0;
        QTest::newRow("the word") << "maxTokens"
                                  << "no limit" << -1.0;
        QTest::newRow("empty") << "seed"
                               << "" << -1.0;
        QTest::newRow("no number") << "topK"
                                   << "many" << 3.0;
        QTest::newRow("empty, but it must have one") << "topK"
                                                     << "" << 3.0;
        QTest::newRow("not finite") << "topK"
                                    << "inf" << 3.0;
    }
    void sampling_typedText_isReadAsAPersonMeansIt() {
        QFETCH(QString, key);
        QFETCH(QString, text);
        QFETCH(double, value);
        SamplingModel model(SamplingModel::App);
        model.setJson(R"({"topK":3,"seed":5,"maxTokens":9})");
        const QString refusal = model.setText(key, text);
        QCOMPARE(model.valueOf(key), value);
        // What was not taken says what would be.
        QCOMPARE(refusal, value == 3.0 ? QStringLiteral("From 0 to 100,000") : QString());
    }

    void sampling_whatIsNotAllowed_changesNothingAndSaysWhatIs() {
        SamplingModel model(SamplingModel::App);
        const QString topP = QStringLiteral("topP"), maxTokens = QStringLiteral("maxTokens");
        QCOMPARE(model.setText(topP, QStringLiteral("7")), QStringLiteral("From 0 to 1"));
        QCOMPARE(model.setText(maxTokens, QStringLiteral("99999999")),
                 QStringLiteral("From 0 to 10,000,000, or empty for “no limit”"));
        QCOMPARE(model.setText(QStringLiteral("repeatPenalty"), QStringLiteral("0")),
                 QStringLiteral("From 0.01 to 10"));
        QVERIFY(!model.isModified());
    }

    void sampling_rows_sayWhatTheyAre() {
        SamplingModel model(SamplingModel::App);
        const auto text = [&model](const char* key, SamplingModel::Role role) {
            for (int row = 0; row < model.rowCount(); ++row)
                if (model.data(model.index(row), SamplingModel::KeyRole).toString() == key)
                    return model.data(model.index(row), role).toString();
            return QString();
        };
        for (int row = 0; row < model.rowCount(); ++row)
            for (const auto role : {SamplingModel::NameRole, SamplingModel::ExplanationRole,
                                    SamplingModel::ShownTextRole, SamplingModel::RangeTextRole})
                QVERIFY(!model.data(model.index(row), role).toString().isEmpty());
        QCOMPARE(text("maxTokens", SamplingModel::ShownTextRole), QStringLiteral("no limit"));
        QCOMPARE(text("seed", SamplingModel::ShownTextRole), QStringLiteral("random"));
        model.setValue(QStringLiteral("maxTokens"), 20000);
        QCOMPARE(text("maxTokens", SamplingModel::ShownTextRole), QStringLiteral("20,000"));
        QCOMPARE(text("maxTokens", SamplingModel::HasSliderRole), QStringLiteral("false"));
        QSignalSpy changed(&model, &SamplingModel::dataChanged);
        Translation translation;
        translation.setSetting("zh_CN");
        QTRY_VERIFY(!changed.isEmpty());
        QCOMPARE(text("temperature", SamplingModel::NameRole), QStringLiteral("温度"));
        translation.setSetting("en");
    }

    void sampling_layers_sayWhereAValueComesFrom() {
        SamplingModel app(SamplingModel::App);
        SamplingModel chat(SamplingModel::Chat, &app);
        QAbstractItemModelTester tester(&chat,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QString key = QStringLiteral("temperature");
        const float fallback = SamplingSettings{}.temperature;
        QCOMPARE(static_cast<float>(chat.valueOf(key)), fallback);
        QCOMPARE(chat.sourceOf(key), SamplingModel::Default);
        app.setValue(key, 0.5);
        QCOMPARE(chat.valueOf(key), 0.5);
        QCOMPARE(chat.sourceOf(key), SamplingModel::App);
        chat.setValue(key, 99);  // above the allowed range, which ends at 5
        QCOMPARE(chat.valueOf(key), 5.0);
        QCOMPARE(chat.sourceOf(key), SamplingModel::Chat);
        SamplingModel again(SamplingModel::Chat, &app);
        again.setJson(chat.toJson());
        QCOMPARE(again.valueOf(key), 5.0);
        again.setJson(R"({"temperature": 99, "unknown": 1, "topK": "x"})");
        QVERIFY(!again.isModified());
        chat.reset(key);
        QCOMPARE(chat.valueOf(key), 0.5);
    }

    // The list's defaults are those of the engine's request.
    void sampling_untouched_leavesTheRequestAsItIs() {
        GenerationRequest request;
        SamplingModel(SamplingModel::App).apply(request);
        const GenerationRequest plain;
        QCOMPARE(request.sampling.temperature, plain.sampling.temperature);
        QCOMPARE(request.sampling.topK, plain.sampling.topK);
        QCOMPARE(request.sampling.topP, plain.sampling.topP);
        QCOMPARE(request.sampling.minP, plain.sampling.minP);
        QCOMPARE(request.sampling.typicalP, plain.sampling.typicalP);
        QCOMPARE(request.sampling.repeatPenalty, plain.sampling.repeatPenalty);
        QCOMPARE(request.sampling.dry.multiplier, plain.sampling.dry.multiplier);
        QCOMPARE(request.maxTokens, plain.maxTokens);
        QVERIFY(!request.sampling.seed);
    }

    void modelList_fit_followsThePlanAndTheState() {
        ModelListModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        ModelEntry small, shorter, large, broken;
        small.path = QStringLiteral("/small");
        shorter.path = QStringLiteral("/shorter");
        large.path = QStringLiteral("/large");
        small.memoryBytes = shorter.memoryBytes = large.memoryBytes = 10;
        shorter.isShortened = true;
        large.isTooLarge = true;
        broken.path = QStringLiteral("/broken");
        broken.isReadable = false;
        model.setEntries({small, shorter, large, broken});
        const auto fit = [&model](int row) {
            return model.data(model.index(row), ModelListModel::FitRole).toInt();
        };
        QCOMPARE(fit(0), int(ModelListModel::Fits));
        QCOMPARE(fit(1), int(ModelListModel::FitsShorter));
        QCOMPARE(fit(2), int(ModelListModel::DoesNotFit));
        QCOMPARE(fit(3), int(ModelListModel::Unreadable));
        model.setLoadedPath(QStringLiteral("/small"));
        QCOMPARE(fit(0), int(ModelListModel::IsLoaded));
    }

    void modelList_notes_sayWhetherItFitsAndWhere() {
        ModelListModel model;
        const qint64 gib = qint64{1} << 30;
        ModelEntry entry;
        entry.path = QStringLiteral("/some");
        entry.name = QStringLiteral("Some");
        entry.quantization = QStringLiteral("Q8_0");
        entry.fileBytes = 2'000'000'000;
        entry.contextTokens = 8192;
        entry.memoryBytes = 3 * gib;
        const auto note = [&model](const ModelEntry& shown) {
            model.setEntries({shown});
            return model.data(model.index(0), ModelListModel::NoteRole)
                .toString()
                .replace(QChar(0x00A0), QLatin1Char(' '));
        };
        QCOMPARE(note(entry), QStringLiteral("Fits with 8,192 tokens of context, 3.0 GiB RAM"));
        ModelEntry split = entry;
        split.isShortened = true;
        split.cardBytes = gib;
        split.placement = ModelListModel::Split;
        split.nCardLayers = 28;
        split.nLayers = 40;
        QCOMPARE(note(split),
                 QStringLiteral("Fits with a shorter context, 8,192 tokens, 1.0 GiB VRAM + 2.0 GiB "
                                "RAM. 28 of 40 layers on the graphics card, the others on the "
                                "processor."));
        ModelEntry outside = entry;
        outside.placement = ModelListModel::CardTooSmall;
        QVERIFY(note(outside).endsWith(
            QStringLiteral("On the processor: too large for the free graphics memory.")));
        ModelEntry large = entry;
        large.isTooLarge = true;
        QCOMPARE(note(large), QStringLiteral("Needs 3.0 GiB of memory, more than is free"));
        QVERIFY(model.data(model.index(0), ModelListModel::IsProblemRole).toBool());
        QVERIFY(model.data(model.index(0), ModelListModel::CanLoadRole).toBool());
        large.problem = QStringLiteral("Too large.");
        QCOMPARE(note(large), large.problem);
        ModelEntry broken = entry;
        broken.isReadable = false;
        broken.problem = QStringLiteral("Not a model file.");
        QCOMPARE(note(broken), broken.problem);
        QVERIFY(!model.data(model.index(0), ModelListModel::CanLoadRole).toBool());
        QCOMPARE(model.data(model.index(0), ModelListModel::OriginTextRole).toString(),
                 broken.problem);
        QCOMPARE(note(entry), QStringLiteral("Fits with 8,192 tokens of context, 3.0 GiB RAM"));
        QCOMPARE(model.data(model.index(0), ModelListModel::SpokenTextRole)
                     .toString()
                     .replace(QChar(0x00A0), QLatin1Char(' ')),
                 QStringLiteral("Some, Q8_0, 2.00 GB. Fits with 8,192 tokens of context, 3.0 GiB "
                                "RAM"));
        model.setLoadedPath(entry.path);
        QVERIFY(model.data(model.index(0), ModelListModel::IsLoadedRole).toBool());
        QCOMPARE(note(entry), QStringLiteral("Loaded, 8,192 tokens of context"));
        QSignalSpy changed(&model, &ModelListModel::dataChanged);
        Translation translation;
        translation.setSetting("zh_CN");
        QTRY_VERIFY(!changed.isEmpty());
        QCOMPARE(note(entry), QStringLiteral("已加载，上下文 8,192 个 token"));
        translation.setSetting("en");
    }

    void modelList_speed_addsTheTimesOfBothDevices_data() {
        QTest::addColumn<qint64>("bytes");  // per token, all and the card's part
        QTest::addColumn<qint64>("cardBytes");
        QTest::addColumn<double>("processor");  // GB/s
        QTest::addColumn<double>("card");
        QTest::addColumn<double>("expected");  // tokens/s
        const qint64 gb = 1'000'000'000;
        QTest::newRow("processor") << 4 * gb << 0 * gb << 40.0 << 0.0 << 10.0;
        QTest::newRow("card") << 4 * gb << 4 * gb << 0.0 << 1000.0 << 250.0;
        // 1 GB at 40 GB/s is 25 ms, 3 GB at 1000 GB/s are 3 ms.
        QTest::newRow("both") << 4 * gb << 3 * gb << 40.0 << 1000.0 << 1 / 0.028;
        QTest::newRow("both, one unknown") << 4 * gb << 3 * gb << 0.0 << 1000.0 << 0.0;
        QTest::newRow("nothing known") << 4 * gb << 0 * gb << 0.0 << 0.0 << 0.0;
        QTest::newRow("stays in the cache") << gb / 100 << gb / 100 << 40.0 << 1000.0 << 0.0;
        QTest::newRow("unreadable file") << 0 * gb << 0 * gb << 40.0 << 1000.0 << 0.0;
    }

    void modelList_speed_addsTheTimesOfBothDevices() {
        QFETCH(qint64, bytes);
        QFETCH(qint64, cardBytes);
        QFETCH(double, processor);
        QFETCH(double, card);
        QFETCH(double, expected);
        ModelListModel model;
        ModelEntry entry;
        entry.bytesPerToken = bytes;
        entry.cardBytesPerToken = cardBytes;
        model.setEntries({entry});
        KnownRates rates;
        rates.processor.readGbS = processor;
        rates.card.emplace().readGbS = card;
        model.setRates(rates);
        QCOMPARE(model.hasPredictions(), expected > 0);
        const double speed =
            model.data(model.index(0), ModelListModel::PredictedSpeedRole).toDouble();
        QVERIFY2(std::abs(speed - expected) <= 1e-9 * expected, qPrintable(QString::number(speed)));
    }

private:
    static qint64 idOf(const ChatListModel& model, const char* title) {
        for (int row = 0; row < model.rowCount(); ++row)
            if (model.data(model.index(row), ChatListModel::TitleRole).toString() ==
                QLatin1String(title))
                return model.data(model.index(row), ChatListModel::ChatIdRole).toLongLong();
        return 0;
    }
};

QTEST_MAIN(ListModelsTest)
#include "list_models_test.moc"
