# One library per folder. A folder's library links only what the folder may include, so the
# compiler keeps the one arrow of the architecture: messages <- the six <- actors <- app.
#
#   assay_library(NAME [PUBLIC libs...] [PRIVATE libs...])   all *.cpp below the current folder
#   assay_test(NAME libs...)                                 all *.cpp of the current test folder
function(assay_library name)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cpp)
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  add_library(assay_${name} STATIC ${sources})
  target_include_directories(assay_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(assay_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} assay_warnings)
endfunction()

function(assay_test name)
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cpp)
  add_executable(test_${name} ${sources} ${PROJECT_SOURCE_DIR}/tests/main.cpp)
  target_link_libraries(test_${name} PRIVATE ${ARGN} doctest::doctest assay_warnings)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
