rem ---- shared by install.cmd and uninstall.cmd

:prepare
rem A 32-bit interpreter on a 64-bit Windows sees another registry and another System32.
if defined PROCESSOR_ARCHITEW6432 >&2 echo %SELF%: run it from the 64-bit command prompt.
if defined PROCESSOR_ARCHITEW6432 set "CODE=5"
if defined PROCESSOR_ARCHITEW6432 exit /b 5
rem An administrator's processes carry the label "high" or "system", whatever language Windows speaks. An interpreter without
rem labels (Wine's) has no unprivileged users either.
set "WHOAMI=%SystemRoot%\System32\whoami.exe"
"%WHOAMI%" /groups /fo csv /nh 2>nul | "%SystemRoot%\System32\findstr.exe" /c:"S-1-16-" >nul
if errorlevel 1 goto :elevated
"%WHOAMI%" /groups /fo csv /nh 2>nul | "%SystemRoot%\System32\findstr.exe" /c:"S-1-16-12288" /c:"S-1-16-16384" >nul
if not errorlevel 1 goto :elevated
>&2 echo %SELF%: run it as administrator.
set "CODE=3"
exit /b 3
:elevated
rem This file, and what is read from the registry, are UTF-8 from here on; the console gets its code page back at the end.
for /f "tokens=2 delims=:." %%A in ('%SystemRoot%\System32\chcp.com') do set "OLD_CP=%%A"
for /f "tokens=1" %%A in ("%OLD_CP%") do set "OLD_CP=%%A"
if "%OLD_CP%"=="0" set "OLD_CP="
"%SystemRoot%\System32\chcp.com" 65001 >nul 2>&1
{%- if non_ascii %}
set "CANARY=é"
if not "%CANARY:~1%"=="" >&2 echo %SELF%: this command interpreter does not read UTF-8, in which a text of this package is written. Use the .ps1 script.
if not "%CANARY:~1%"=="" set "CODE=10"
if not "%CANARY:~1%"=="" exit /b 10
{%- endif %}
exit /b 0

:run_alone
rem Two runs at a time would undo each other. Only administrators can write where the lock is, so nobody else can hold it, and
rem it goes with the run, however that ends: it is a handle of this interpreter. What is said meanwhile goes to the standard
rem error output, since an interpreter that knows no handle 9 (Wine's) takes the standard output for it.
set "LOCK=%ProgramFiles%\.{{ package }}.svc-lock"
set "LOCKED="
set "LEFT_LOCK="
call :locked 9>"%LOCK%"
set "CODE=%errorlevel%"
if not defined LOCKED >&2 echo %SELF%: another run for {{ package_echo }} is under way, or "%LOCK%" cannot be written.
if not defined LOCKED exit /b 11
if defined LEFT_LOCK del /f /q "%LOCK%" >nul 2>&1
exit /b %CODE%

:locked
set "LOCKED=1"
call :run
set "CODE=%errorlevel%"
rem While it is held, so that it is not the next run's that goes. Where a file in use stays, the next run's stays as well.
for /f "delims=" %%D in ('del /f /q "%LOCK%" 2^>^&1') do set "LEFT_LOCK=1"
exit /b %CODE%

:read
rem %1: key; %2: value. VALUE becomes its data, which may hold quotes: a FOR variable is not read again.
call :read_into VALUE %1 %2
exit /b 0

:read_into
rem %1: variable; %2: key; %3: value.
set "%1="
for /f "tokens=1,2,*" %%A in ('%REG% query %2 /v %3 2^>nul') do if /i "%%A"=="%3" set "%1=%%C"
exit /b 0

:read_entry
for %%V in (RECORDED_BY RECORDED_DIR RECORDED_SERVICES RECORDED_RUNNING RECORDED_FOLDERS RECORDED_PARENTS KEPT_DIR CUT_SHORT) do set "%%V="
"%REG%" query "%ENTRY%" >nul 2>&1
if errorlevel 1 exit /b 0
call :read %ENTRY% SvcInstaller
set "RECORDED_BY=%VALUE%"
call :read %ENTRY% InstallLocation
set "RECORDED_DIR=%VALUE%"
call :read %ENTRY% SvcServices
set "RECORDED_SERVICES=%VALUE%"
if defined VALUE set "RECORDED_SERVICES=%VALUE:/= %"
rem Only a run that was killed leaves this: what it had found running, and may have stopped.
call :read %ENTRY% SvcRunning
if defined VALUE set "RECORDED_RUNNING=%VALUE:/= %"
rem The folders that installations made: those of services, and those that lead to them. Bars separate them.
call :read_into RECORDED_FOLDERS %ENTRY% SvcFolders
call :read_into RECORDED_PARENTS %ENTRY% SvcParents
call :read %ENTRY% SvcKept
if defined VALUE set "KEPT_DIR=%RECORDED_DIR%"
if "%RECORDED_BY%"=="script" if defined RECORDED_DIR exit /b 0
rem A run that was killed while it wrote the first lines of its entry had made nothing else yet.
if "%RECORDED_BY%"=="script" set "CUT_SHORT=1"
if not defined RECORDED_BY call :is_empty_entry
if defined CUT_SHORT set "RECORDED_SERVICES="
if defined CUT_SHORT exit /b 0
>&2 echo %SELF%: another kind of installer owns {{ package_echo }} in Add/Remove Programs: remove it there first.
exit /b 6

:is_empty_entry
set "CUT_SHORT=1"
for /f "delims=" %%A in ('%REG% query %ENTRY% 2^>nul') do set "LINE=%%A"& call :is_indented
exit /b 0

:is_indented
rem Below the line that names the key, values are indented.
if "%LINE:~0,1%"==" " set "CUT_SHORT="
exit /b 0

:mark_kept
rem What an uninstallation leaves that keeps the folder: by it an installation knows that nobody else made the folder. Without a
rem name, Add/Remove Programs does not show it.
"%REG%" delete "%ENTRY%" /f >nul 2>&1
"%REG%" add "%ENTRY%" /v SvcInstaller /t REG_SZ /d script /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v InstallLocation /t REG_SZ /d "%KEPT_DIR%" /f >nul
if errorlevel 1 exit /b 1
if defined RECORDED_FOLDERS "%REG%" add "%ENTRY%" /v SvcFolders /t REG_SZ /d "%RECORDED_FOLDERS%" /f >nul
if defined RECORDED_FOLDERS if errorlevel 1 exit /b 1
if defined RECORDED_PARENTS "%REG%" add "%ENTRY%" /v SvcParents /t REG_SZ /d "%RECORDED_PARENTS%" /f >nul
if defined RECORDED_PARENTS if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v SvcKept /t REG_DWORD /d 1 /f >nul
exit /b %errorlevel%

:is_listed
rem %1: a path; %2: the variable with the list. Errorlevel 0 if it is in it. No path holds a bar.
set "REST="
if defined %2 for /f "tokens=1,* delims==" %%A in ('set %2') do if /i "%%A"=="%2" set "REST=%%B"
:is_listed_next
if not defined REST exit /b 1
set "PIECE="
for /f "tokens=1,* delims=|" %%A in ("%REST%") do (set "PIECE=%%A"& set "REST=%%B")
if not defined PIECE exit /b 1
if /i "%PIECE%"=="%~1" exit /b 0
goto :is_listed_next

:is_link
rem %1: a path. Errorlevel 0 if it is a link to something else.
set "ATTRIBUTES="
for %%I in (%1) do set "ATTRIBUTES=%%~aI"
if not defined ATTRIBUTES exit /b 1
if "%ATTRIBUTES:l=%"=="%ATTRIBUTES%" exit /b 1
exit /b 0

:remove_rule
rem %1: name of a rule of the firewall.
"%NETSH%" advfirewall firewall delete rule "name=%~1" >nul 2>&1
exit /b 0

:refuse_link
rem A folder that leads elsewhere would put programs where others may write.
if not exist "%INSTALL_DIR%" exit /b 0
call :is_link "%INSTALL_DIR%"
if errorlevel 1 exit /b 0
>&2 echo %SELF%: "%INSTALL_DIR%" is a link to another folder: remove it.
exit /b 6

:state
rem %1: name. STATE becomes the number of its state (1: stopped, 4: running), EXIT its exit code, OWN_EXIT the program's.
rem Labels are translated: the values count by their order.
for %%V in (F1 F2 F3 F4 F5) do set "%%V="
for /f "tokens=1,* delims=:" %%A in ('%SC% query %1') do if not "%%B"=="" call :field "%%B"
for %%V in (STATE EXIT OWN_EXIT) do set "%%V="
for /f "tokens=1" %%A in ("%F3%") do set "STATE=%%A"
for /f "tokens=1" %%A in ("%F4%") do set "EXIT=%%A"
for /f "tokens=1" %%A in ("%F5%") do set "OWN_EXIT=%%A"
exit /b 0

:field
rem The first of F1 to F5 that is free; from the last to the first, so that one call sets one.
if defined F4 if not defined F5 set "F5=%~1"
if defined F3 if not defined F4 set "F4=%~1"
if defined F2 if not defined F3 set "F3=%~1"
if defined F1 if not defined F2 set "F2=%~1"
if not defined F1 set "F1=%~1"
exit /b 0

:stop
rem %1: name; %2: seconds, 0 for no limit. A service that is stopped, or is not there, is fine.
"%SC%" query %1 >nul 2>&1
if errorlevel 1 exit /b 0
set "TRIES=0"
:stop_again
call :state %1
if "%STATE%"=="1" exit /b 0
if "%TRIES%"=="0" if not defined QUIET >&2 echo %SELF%: stopping %1.
rem A service that is still starting takes no control: ask again until it does.
if not "%STATE%"=="3" "%SC%" stop %1 >nul 2>&1
call :state %1
if "%STATE%"=="1" exit /b 0
if not "%2"=="0" if %TRIES% geq %2 set "WHAT=stopping %1, which did not end within %2 s"
if not "%2"=="0" if %TRIES% geq %2 exit /b 7
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
set /a TRIES+=1
goto :stop_again

:stop_recorded
rem Stops all services of the installation, those first that others do not need. WHAT says what failed.
set "REVERSED="
for %%S in (%RECORDED_SERVICES%) do call :reverse %%S
rem All are asked before the first one is waited for: the manager stops nothing that a running service needs.
for %%S in (%REVERSED%) do "%SC%" stop %%S >nul 2>&1
for %%S in (%REVERSED%) do call :stop_one %%S
exit /b 0

:reverse
set "REVERSED=%1 %REVERSED%"
exit /b 0

:stop_one
rem What one failed to do is not overwritten by the next.
if defined WHAT exit /b 0
set "LIMIT=60"
{% for service in waits -%}
if /i "%1"=="{{ service.name }}" set "LIMIT={{ service.stop_limit }}"
{% endfor -%}
call :stop %1 %LIMIT%
exit /b 0

:remove_service
rem %1: name. WHAT says what failed.
"%SC%" query %1 >nul 2>&1
if errorlevel 1 goto :remove_source
if not defined QUIET >&2 echo %SELF%: removing the service %1.
"%SC%" delete %1 >nul
if errorlevel 1 set "WHAT=removing the service %1"
:remove_source
"%REG%" query "%SERVICES%\EventLog\Application\%1" /v SvcInstaller >nul 2>&1
if errorlevel 1 exit /b 0
"%REG%" delete "%SERVICES%\EventLog\Application\%1" /f >nul 2>&1
exit /b 0
