// A published importance matrix from the hub into a quantized model: asked for by a person, found,
// downloaded, checked against the model and used; and what each step says when it comes to nothing.
#include "app/workshop/importance_finder.h"

#include <QtTest>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/gguf/gguf_reader.h"
#include "engine/quantize/importance.h"
#include "tests/app/hub/hub_fixture.h"
#include "tests/app/workshop/workshop.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;
using State = ImportanceFinder::State;
using nlohmann::json;

namespace {

constexpr const char* kFile = "Tiny-Llama.imatrix.gguf";
constexpr const char* kPlace = "tiny-f16.imatrix/acme/tiny-GGUF/Tiny-Llama.imatrix.gguf";

// With a model, and a hub whose only repository is made of it.
struct HubWorkshop {
    HubFixture hub;
    Workshop workshop{DType::F16, hub.controller.get()};
    QuantizeController& controller = *workshop.controller;
    ImportanceFinder& finder = *controller.published();

    HubWorkshop() {
        answerSearches("acme/Tiny-Llama");
        addMatrix(1, 1.0f);
    }
    void answerSearches(const std::string& base) {
        hub.repository.bendHub([this, base](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path() != "/api/models") return std::nullopt;
            json model = foundModel(hub.repository.repository);
            model["cardData"]["base_model"] = base;
            model["siblings"] = {{{"rfilename", kFile}}};
            return Reply{.body = json::array({model}).dump()};
        });
    }
    // Of rows so many times as wide, with `value` for each column.
    void addMatrix(std::size_t widthFactor, float value) {
        const auto model = GgufFile::open(workshop.source.toStdString());
        if (!model) qFatal("a test's model cannot be read");
        ImportanceMatrix matrix;
        matrix.nChunks = matrix.chunkTokens = 1;
        matrix.datasets = {"a published text"};
        for (const GgufTensor& tensor : model->tensors()) {
            if (tensor.shape.size() < 2 || !tensor.name.starts_with("blk.")) continue;
            ImportanceEntry& entry = matrix.entries[tensor.name];
            entry.sums.assign(static_cast<std::size_t>(tensor.shape.front()) * widthFactor, value);
            entry.counts = {1};
        }
        const QString path = workshop.texts.filePath(QStringLiteral("made.gguf"));
        if (!writeImportance(matrix, path.toStdString(), {}))
            qFatal("a test's importance matrix cannot be written");
        hub.repository.add(kFile, contentOf(path.toStdString()));
    }
    QString place() const { return workshop.folder.filePath(QLatin1String(kPlace)); }
    void look() {
        workshop.openAndPlan();
        finder.prepare();
        QTRY_COMPARE_WITH_TIMEOUT(finder.model(), QStringLiteral("tiny-llama"), kPatience);
        finder.look();
        QTRY_VERIFY_WITH_TIMEOUT(finder.state() != State::Looking, kPatience);
    }
    void fetch() {
        look();
        QCOMPARE(finder.state(), State::Found);
        finder.fetch();
    }
};

}  // namespace

class ImportanceFinderTest : public QObject {
    Q_OBJECT
private slots:
    void nothing_isSentUnasked() {
        HubWorkshop test;
        test.workshop.openAndPlan();
        QVERIFY(test.finder.canLook());
        test.finder.prepare();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.model(), QStringLiteral("tiny-llama"), kPatience);
        QVERIFY(test.hub.repository.hub().requests().empty());
        QCOMPARE(test.hub.hub->network().sentBytes(), 0u);
    }

    void publishedOne_isFetchedChosenAndUsed() {
        HubWorkshop test;
        test.fetch();
        QCOMPARE(test.finder.state(), State::Fetching);
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Fetched, kPatience);
        QVERIFY(QFileInfo::exists(test.place()));
        QCOMPARE(test.controller.importance(), test.place());
        const QVariantMap first = test.controller.importanceChoices().at(1).toMap();
        QCOMPARE(first["value"].toString(), test.place());
        QVERIFY2(first["text"].toString().contains(QStringLiteral("acme")),
                 qPrintable(first["text"].toString()));
        QTRY_COMPARE_WITH_TIMEOUT(test.controller.state(), QuantizeController::Ready, kPatience);
        QVERIFY(test.controller.mixes()->planOf(QStringLiteral("IQ2_XS")) != nullptr);
        // Among the downloads it is no model, nor among the models.
        QCOMPARE(test.hub.downloads().count(), 1);
        QVERIFY(!test.hub.of(test.hub.downloads(), 0, DownloadListModel::CanLoadRole).toBool());
        QCOMPARE(test.hub.of(test.hub.downloads(), 0, DownloadListModel::FormatRole).toString(),
                 QStringLiteral("imatrix"));
        test.workshop.lookAgain();
        QVERIFY(test.workshop.models->list()->find(test.place()) == nullptr);

        test.controller.setType(QStringLiteral("IQ2_XS"));
        QTRY_VERIFY_WITH_TIMEOUT(test.controller.canStart(), kPatience);
        test.controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(test.controller.state(), QuantizeController::Made, kPatience);
        const auto made = GgufFile::open(test.controller.madePath().toStdString());
        QVERIFY(made);
        QVERIFY(made->metadata().string("quantize.imatrix.file") == std::string_view(kFile));
        // The next time it is offered first, and nothing is asked.
        const std::size_t nRequests = test.hub.repository.hub().requests().size();
        test.controller.open(test.workshop.source);
        QTRY_COMPARE_WITH_TIMEOUT(
            test.controller.importanceChoices().at(1).toMap()["value"].toString(), test.place(),
            kPatience);
        QCOMPARE(test.hub.repository.hub().requests().size(), nRequests);
    }

    // What lies there whole is taken without a byte.
    void oneThatIsThere_isNotFetchedAgain() {
        HubWorkshop test;
        test.fetch();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Fetched, kPatience);
        test.hub.downloads().clearFinished();
        QTRY_COMPARE_WITH_TIMEOUT(test.hub.downloads().count(), 0, kPatience);
        test.controller.setImportance({});
        const std::size_t nFetched = test.hub.repository.bytes().requests().size();
        test.finder.prepare();
        QCOMPARE(test.finder.state(), State::Found);
        test.finder.fetch();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Fetched, kPatience);
        QCOMPARE(test.controller.importance(), test.place());
        QCOMPARE(test.hub.repository.bytes().requests().size(), nFetched);
    }

    void offline_isToldAndTriedAgain() {
        HubWorkshop test;
        test.hub.hub->setOffline(true);
        test.look();
        QCOMPARE(test.finder.state(), State::Failed);
        QVERIFY(test.finder.isOfflineProblem());
        QVERIFY(!test.finder.problem().isEmpty());
        QCOMPARE(test.finder.problemTitle(), HubSearchModel::titleOf(ErrorCode::Offline));
        QVERIFY(test.hub.repository.hub().requests().empty());
        test.hub.hub->setOffline(false);
        test.finder.tryAgain();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Found, kPatience);
        QVERIFY(test.finder.problem().isEmpty());
    }

    void noneOfThisModel_isTold() {
        HubWorkshop test;
        test.answerSearches("acme/Another");
        test.look();
        QCOMPARE(test.finder.state(), State::NoneFound);
        QVERIFY(test.finder.found().isEmpty());
        // By its right name.
        test.finder.setModel(QStringLiteral(" acme/another "));
        test.finder.look();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Found, kPatience);
        const QVariantMap row = test.finder.found().constFirst().toMap();
        QCOMPARE(row["repository"].toString(), QStringLiteral("acme/tiny-GGUF"));
        QCOMPARE(row["file"].toString(), QLatin1String(kFile));
    }

    void looking_isStopped() {
        HubWorkshop test;
        test.hub.repository.bendHub(
            [](const ServedRequest&) { return Reply{.body = "[", .holdsAfter = 1}; });
        test.workshop.openAndPlan();
        test.finder.setModel(QStringLiteral("Tiny"));
        test.finder.look();
        QCOMPARE(test.finder.state(), State::Looking);
        QVERIFY(test.hub.repository.hub().waitForRequests(1));
        test.finder.stop();
        QCOMPARE(test.finder.state(), State::Idle);
        test.hub.repository.hub().release();
        QCoreApplication::processEvents();
        QCOMPARE(test.finder.state(), State::Idle);
    }

    void interruptedDownload_goesOn() {
        HubWorkshop test;
        test.hub.repository.bendBytes([](const ServedRequest&) { return Reply{.status = 500}; });
        test.fetch();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Stopped, kPatience);
        QVERIFY(!test.finder.problem().isEmpty());
        QVERIFY(!test.finder.problemTitle().isEmpty());
        QVERIFY(test.controller.importance().isEmpty());
        test.hub.repository.bendBytes({});
        test.finder.tryAgain();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Fetched, kPatience);
        QCOMPARE(test.controller.importance(), test.place());
    }

    void cancelledDownload_leavesNothing() {
        HubWorkshop test;
        test.hub.repository.bendBytes([&test](const ServedRequest& request) {
            Reply reply = test.hub.repository.bytesReply(request);
            reply.holdsAfter = 16;
            return reply;
        });
        test.fetch();
        QTRY_VERIFY_WITH_TIMEOUT(test.finder.share() > 0, kPatience);
        QVERIFY(!test.finder.progressText().isEmpty());
        QCOMPARE(test.finder.fetchedName(), QLatin1String(kFile));
        test.finder.cancel();
        QCOMPARE(test.finder.state(), State::Found);
        QTRY_COMPARE_WITH_TIMEOUT(test.hub.downloads().count(), 0, kPatience);
        QVERIFY(!QFileInfo::exists(test.place()) && !QFileInfo::exists(test.place() + ".part"));
        QVERIFY(test.controller.importance().isEmpty());
        test.hub.repository.bytes().release();
    }

    // It goes on without the dialog, and the dialog finds it again.
    void downloadUnderWay_isFoundAgain() {
        HubWorkshop test;
        test.hub.repository.bendBytes([&test](const ServedRequest& request) {
            Reply reply = test.hub.repository.bytesReply(request);
            reply.holdsAfter = 16;
            return reply;
        });
        test.fetch();
        QTRY_VERIFY_WITH_TIMEOUT(test.finder.share() > 0, kPatience);
        test.controller.close();
        test.workshop.openAndPlan();
        QCOMPARE(test.finder.state(), State::Fetching);
        test.hub.repository.bytes().release();
        QTRY_COMPARE_WITH_TIMEOUT(test.finder.state(), State::Fetched, kPatience);
        QCOMPARE(test.controller.importance(), test.place());
    }

    void matrixThatDoesNotFit_isToldAndTakenBack_data() {
        QTest::addColumn<int>("widthFactor");
        QTest::addColumn<float>("value");
        QTest::newRow("of another model") << 2 << 1.0f;
        QTest::newRow("negative") << 1 << -1.0f;
        QTest::newRow("no number") << 1 << std::numeric_limits<float>::quiet_NaN();
    }
    void matrixThatDoesNotFit_isToldAndTakenBack() {
        QFETCH(int, widthFactor);
        QFETCH(float, value);
        HubWorkshop test;
        test.addMatrix(static_cast<std::size_t>(widthFactor), value);
        test.fetch();
        QTRY_COMPARE_WITH_TIMEOUT(test.controller.state(), QuantizeController::Failed, kPatience);
        QVERIFY(!test.controller.problem().isEmpty());
        QVERIFY2(test.controller.failureTitle().contains(QStringLiteral("importance")),
                 qPrintable(test.controller.failureTitle()));
        test.controller.setImportance({});
        QTRY_COMPARE_WITH_TIMEOUT(test.controller.state(), QuantizeController::Ready, kPatience);
        QVERIFY(test.controller.canStart());
    }

    void withoutAHub_thereIsNothingToLookOn() {
        Workshop workshop;
        workshop.openAndPlan();
        ImportanceFinder& finder = *workshop.controller->published();
        QVERIFY(!finder.canLook());
        finder.setModel(QStringLiteral("Tiny"));
        finder.look();
        QCOMPARE(finder.state(), State::Idle);
    }
};

QTEST_MAIN(ImportanceFinderTest)
#include "importance_finder_test.moc"
