#include "storage/model_store.h"

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

class ModelStoreTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void saveModel_keepsTheUsersChoicesWhenSeenAgain() {
        ModelRecord model{.path = "/models/a.gguf",
                          .name = "A",
                          .sizeBytes = 100,
                          .modifiedAt = 5,
                          .sha256 = "abc",
                          .infoJson = R"({"layers":2})"};
        VERIFY_OK(m_library->models().save(model));
        VERIFY_OK(m_library->models().setFavourite(model.path, true));
        VERIFY_OK(m_library->models().setSettings(model.path, R"({"temperature":0.1})"));
        VERIFY_OK(m_library->models().markUsed(model.path));
        const auto before = m_library->models().get(model.path);
        QVERIFY(before->addedAt > 0);
        QVERIFY(before->lastUsedAt >= before->addedAt);

        // A rescan knows only name, size and time.
        model = {.path = model.path, .name = "A again", .sizeBytes = 100, .modifiedAt = 5};
        VERIFY_OK(m_library->models().save(model));
        auto after = m_library->models().get(model.path);
        QCOMPARE(after->name, std::string("A again"));
        QCOMPARE(after->sha256, std::string("abc"));
        QCOMPARE(after->infoJson, std::string(R"({"layers":2})"));
        QCOMPARE(after->settingsJson, std::string(R"({"temperature":0.1})"));
        QVERIFY(after->isFavourite);
        QCOMPARE(after->addedAt, before->addedAt);
        QCOMPARE(after->lastUsedAt, before->lastUsedAt);

        // The file was replaced: what was computed from its bytes no longer holds.
        model.modifiedAt = 6;
        VERIFY_OK(m_library->models().save(model));
        after = m_library->models().get(model.path);
        QCOMPARE(after->sha256, std::string());
        QCOMPARE(after->infoJson, std::string("{}"));
        QVERIFY(after->isFavourite);
        QCOMPARE(after->modifiedAt, std::int64_t{6});
    }

    void listModels_putsFavouritesThenLastUsedFirst() {
        for (const char* name : {"b", "a", "used", "favourite"}) {
            VERIFY_OK(m_library->models().save(
                {.path = std::string("/") + name, .name = name, .sizeBytes = 1}));
        }
        VERIFY_OK(m_library->models().markUsed("/used"));
        VERIFY_OK(m_library->models().setFavourite("/favourite", true));
        std::string order;
        const auto models = m_library->models().list();
        for (const ModelRecord& model : *models) order += model.name + " ";
        QCOMPARE(order, std::string("favourite used a b "));
        VERIFY_OK(m_library->models().remove("/a"));
        QCOMPARE(m_library->models().list()->size(), std::size_t{3});
    }

    void everyChange_namesAMissingModel() {
        VERIFY_FAILS(m_library->models().get("/x"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->models().markUsed("/x"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->models().setFavourite("/x", true), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->models().setSettings("/x", "{}"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->models().remove("/x"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->models().save({.path = "", .name = "x"}),
                     ErrorCode::InvalidArgument);
        VERIFY_FAILS(m_library->models().save({.path = "/x", .infoJson = "no"}),
                     ErrorCode::InvalidArgument);
        VERIFY_OK(m_library->models().save({.path = "/x", .name = "x"}));
        VERIFY_FAILS(m_library->models().setSettings("/x", "no"), ErrorCode::InvalidArgument);
    }

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(ModelStoreTest)
#include "model_store_test.moc"
