# Holds the layout to its rule: a folder includes itself, folders left of it on
# its program's path, common/ and proto/ (CONTRIBUTING.md). Only the files at
# the top of sensor/ and collector/ see a whole path.
#
#   cmake -DROOT=. -P tests/lint/include_direction.cmake

cmake_minimum_required(VERSION 3.25)

set(sensor_path capture decap flow tls signalling inventory frame spool uplink)
# ingest hands to the store, so it stands to its right.
set(collector_path codecs store access retention ingest evidence index clocks secure emodel
    calls correlate playout record hearing fax timeline quality completeness statistics
    doctor alerts query events web)
# The command line is a client of the API like any other.
set(collector_alone cli)

set(problems 0)
foreach(program sensor collector)
  file(GLOB_RECURSE files RELATIVE ${ROOT}
       ${ROOT}/${program}/*.h ${ROOT}/${program}/*.cc)
  foreach(file ${files})
    string(REPLACE "/" ";" parts ${file})
    list(LENGTH parts depth)
    if(depth LESS 3)
      continue()
    endif()
    list(GET parts 1 folder)
    set(allowed ${folder})
    list(FIND ${program}_path ${folder} position)
    if(position GREATER -1)
      list(SUBLIST ${program}_path 0 ${position} left)
      list(APPEND allowed ${left})
    elseif(NOT folder IN_LIST ${program}_alone)
      message("${file}: folder ${folder} is on no path; add it to "
              "tests/lint/include_direction.cmake and docs/life-of-a-packet.md")
      math(EXPR problems "${problems} + 1")
    endif()
    file(STRINGS ${ROOT}/${file} includes REGEX "^#include \"")
    foreach(include ${includes})
      string(REGEX REPLACE "^#include \"([^\"]*)\".*" "\\1" path ${include})
      if(path MATCHES "^(sensor|collector)/([a-z]+)/")
        if(NOT CMAKE_MATCH_1 STREQUAL program OR
           NOT CMAKE_MATCH_2 IN_LIST allowed)
          message("${file}: may not include ${path}")
          math(EXPR problems "${problems} + 1")
        endif()
      elseif(path MATCHES "^(sensor|collector)/" AND
             NOT path MATCHES "^${program}/[a-z_]+\\.h$")
        message("${file}: may not include ${path}")
        math(EXPR problems "${problems} + 1")
      elseif(path MATCHES "^(sensor|collector)/")
        message("${file}: may not include ${path}, which sees the whole path")
        math(EXPR problems "${problems} + 1")
      endif()
    endforeach()
  endforeach()
endforeach()

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/common/*.h ${ROOT}/common/*.cc)
foreach(file ${files})
  file(STRINGS ${ROOT}/${file} includes REGEX "^#include \"(sensor|collector)/")
  foreach(include ${includes})
    message("${file}: common/ may not know a program: ${include}")
    math(EXPR problems "${problems} + 1")
  endforeach()
endforeach()

if(problems GREATER 0)
  message(FATAL_ERROR "${problems} includes against the direction")
endif()
