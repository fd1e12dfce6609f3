# sotto_qml_module(TARGET URI [SOURCES …] [QML …] [SINGLETONS …] [RESOURCES …] [DEPENDS uri…]): one QML
# module as a static library plus its plugin.
#
# Programs link ${TARGET} and ${TARGET}plugin and import the plugin (Q_IMPORT_QML_PLUGIN), because a
# static library's registration object is otherwise dropped by the linker.
function(sotto_qml_module target uri)
    cmake_parse_arguments(ARG "" "" "SOURCES;QML;SINGLETONS;DEPENDS;RESOURCES" ${ARGN})
    string(REPLACE "." "/" path ${uri})
    if(ARG_SINGLETONS)
        set_source_files_properties(${ARG_SINGLETONS} PROPERTIES QT_QML_SINGLETON_TYPE TRUE)
    endif()
    # The target is made first so that the sources get their include root before automoc runs.
    qt_add_library(${target} STATIC)
    # Bytecode only: the C++ that qmlcachegen can write shadows its own parameters and takes ten times as
    # long to build, for bindings that are not hot.
    set_target_properties(${target} PROPERTIES AUTOMOC ON QT_QMLCACHEGEN_ARGUMENTS "--only-bytecode")
    if(ARG_SOURCES)
        sotto_compile_together(${target})
    else()
        # One generated file per QML file, each of them small.
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
    endif()
    target_link_libraries(${target} PUBLIC sotto_flags Qt6::Qml)
    # qmltyperegistrar's generated file includes the headers by their bare name.
    target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
    qt_add_qml_module(${target}
        URI ${uri}
        VERSION 1.0
        RESOURCE_PREFIX /qt/qml
        OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/qml/${path}
        IMPORT_PATH ${CMAKE_BINARY_DIR}/qml
        DEPENDENCIES QtQuick ${ARG_DEPENDS}
        SOURCES ${ARG_SOURCES}
        QML_FILES ${ARG_SINGLETONS} ${ARG_QML}
        RESOURCES ${ARG_RESOURCES})
endfunction()
