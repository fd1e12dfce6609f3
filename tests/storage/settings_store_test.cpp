#include "storage/settings_store.h"

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto::storage;

class SettingsStoreTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void setSetting_keepsJsonAsItIs() {
        QVERIFY(!m_library->setting("appearance.theme")->has_value());
        for (const char* json :
             {R"("dark")", "12", "-0.5", "true", "null", "[1,2]", R"({"a":{"b":"汉"}})", R"("")"}) {
            VERIFY_OK(m_library->setSetting("appearance.theme", json));
            QCOMPARE(**m_library->setting("appearance.theme"), std::string(json));
        }
        VERIFY_OK(m_library->setSetting("engine.threads", "4"));
        const auto all = m_library->allSettings();
        QCOMPARE(all->size(), std::size_t{2});
        QCOMPARE(all->at("engine.threads"), std::string("4"));
    }

    void setSetting_refusesWhatIsNotJson() {
        VERIFY_OK(m_library->setSetting("key", "1"));
        for (const char* text : {"", "dark", "{", "{'a':1}", "[1,]", "\"open"}) {
            VERIFY_FAILS(m_library->setSetting("key", text), ErrorCode::Invalid);
        }
        VERIFY_FAILS(m_library->setSetting("", "1"), ErrorCode::Invalid);
        QCOMPARE(**m_library->setting("key"), std::string("1"));
    }

    void removeSetting_forgetsAndForgives() {
        VERIFY_OK(m_library->setSetting("key", "1"));
        VERIFY_OK(m_library->removeSetting("key"));
        VERIFY_OK(m_library->removeSetting("key"));
        QVERIFY(!m_library->setting("key")->has_value());
    }

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(SettingsStoreTest)
#include "settings_store_test.moc"
